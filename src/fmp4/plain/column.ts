const BLOCK = 1024

/** Many 32-bit numbers outside the heap, in blocks: what is held is what is used. */
export class Column {
  readonly #blocks: Uint32Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    const at = this.#length % BLOCK
    if (at === 0) this.#blocks.push(new Uint32Array(BLOCK))
    this.#blocks.at(-1)![at] = value
    this.#length++
  }

  at(index: number): number {
    return this.#blocks[Math.floor(index / BLOCK)]![index % BLOCK]!
  }
}

/** Many numbers of which neighbours are often the same. */
export class RunLengths {
  readonly counts = new Column()
  readonly values = new Column()
  #value = 0
  #count = 0

  push(value: number): void {
    if (this.#count > 0 && value !== this.#value) this.flush()
    this.#value = value
    this.#count++
  }

  /** What has been pushed is in the columns afterwards. */
  flush(): void {
    if (this.#count === 0) return
    this.counts.push(this.#count)
    this.values.push(this.#value)
    this.#count = 0
  }
}
