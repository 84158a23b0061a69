import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8's own collector. Node gives it to a context that is made while the flag is set. */
let collector: NodeJS.GCFunction | undefined

/** Collects all garbage and gives freed pages back to the system. Stops the world for some tens of milliseconds. */
export function compactHeap(): void {
  collector ??= exposed()
  collector({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** So much of what V8 may take is taken, of 1; garbage that is not collected yet counts. */
export function heapFilled(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return used_heap_size / heap_size_limit
}

function exposed(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NodeJS.GCFunction
  setFlagsFromString('--no-expose-gc')
  return gc
}
