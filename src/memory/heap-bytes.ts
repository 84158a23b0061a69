/** What V8 takes for an entry of a cache, beside its texts. */
const ENTRY_BYTES = 256

/** About what V8 takes for an entry that holds these texts, in bytes. */
export function heapBytes(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 2 * text.length, ENTRY_BYTES)
}
