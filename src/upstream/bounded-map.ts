/** What V8 takes for an entry, beside its texts. */
const ENTRY_BYTES = 256

/** About what V8 takes for something that holds these texts, in bytes. */
export function heapBytes(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 2 * text.length, ENTRY_BYTES)
}

/** A map of at most `maxBytes`, as `sizeOf` counts them: the entry that was used longest ago goes first. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly bytes: number }>()
  readonly #maxBytes: number
  readonly #sizeOf: (key: K, value: V) => number
  #bytes = 0

  constructor(maxBytes: number, sizeOf: (key: K, value: V) => number) {
    this.#maxBytes = maxBytes
    this.#sizeOf = sizeOf
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry?.value
  }

  set(key: K, value: V): void {
    this.delete(key)
    const bytes = this.#sizeOf(key, value)
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.delete(oldest)
    }
  }

  delete(key: K): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
