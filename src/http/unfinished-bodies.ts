/** A body that is being received, and how its request is ended before it is there. */
interface Unfinished {
  readonly bytes: number
  end(): void
}

export interface BodyLimits {
  readonly count: number
  /** By what the headers say that will come. */
  readonly bytes: number
}

/**
 * Bounds what requests hold whose bodies have not come whole. Where there is no place for a new one, others are ended: the largest
 * where bytes are short, the oldest where there are too many. Whoever sends a small body at once is never among them.
 */
export class UnfinishedBodies {
  readonly #limits: BodyLimits
  /** In the order in which they began. */
  readonly #unfinished = new Set<Unfinished>()
  #bytes = 0

  constructor(limits: BodyLimits) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#unfinished.size
  }

  /** Counts a body until the returned function is called; to call it again has no effect. `end` is called at most once. */
  begin(bytes: number, end: () => void): () => void {
    const body = { bytes, end }
    this.#unfinished.add(body)
    this.#bytes += bytes
    while (this.#bytes > this.#limits.bytes) this.#end(this.#largest())
    while (this.#unfinished.size > this.#limits.count) this.#end(this.#oldest())
    return () => this.#forget(body)
  }

  #end(body: Unfinished): void {
    this.#forget(body)
    body.end()
  }

  #forget(body: Unfinished): void {
    if (this.#unfinished.delete(body)) this.#bytes -= body.bytes
  }

  #oldest(): Unfinished {
    return this.#unfinished.values().next().value!
  }

  #largest(): Unfinished {
    let largest = this.#oldest()
    for (const body of this.#unfinished) if (body.bytes > largest.bytes) largest = body
    return largest
  }
}
