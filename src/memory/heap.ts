import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8's own collector: there from the start with `--expose-gc` (`bin/start`), else had at the first use. */
let collector = globalThis.gc

/** Collects all garbage and gives freed pages back to the system. Stops the world for some tens of milliseconds. */
export function compactHeap(): void {
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Collects old garbage in small steps, without a pause of its own. */
export function collectInBackground(): void {
  collect({ type: 'major', execution: 'async' })?.catch(() => {})
}

/** So much of what V8 may take is taken, of 1; garbage that is not collected yet counts. */
export function heapFilled(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return used_heap_size / heap_size_limit
}

function collect(options: NodeJS.GCOptions): Promise<void> | void {
  collector ??= exposed()
  return collector(options)
}

function exposed(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NodeJS.GCFunction
  setFlagsFromString('--no-expose-gc')
  return gc
}
