import { releaseFilePages } from './file-pages.ts'
import { compactHeap } from './heap.ts'

/** Gives the system back what was only needed for a while: pages of V8's heap, then those of code. Stops the world for some tens of milliseconds. */
export function giveBack(): void {
  compactHeap()
  releaseFilePages()
}
