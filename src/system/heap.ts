/**
 * Collects all garbage and gives freed pages back to the system; false where the process was not started with
 * `--expose-gc` (`bin/start` does). Blocks for some tens of milliseconds.
 */
export function compactHeap(): boolean {
  const { gc } = globalThis
  if (!gc) return false
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return true
}

/** Collects old garbage in small steps, without a pause of its own. */
export function collectInBackground(): void {
  globalThis.gc?.({ type: 'major', execution: 'async' })?.catch(() => {})
}
