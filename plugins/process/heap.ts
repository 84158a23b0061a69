import fp from 'fastify-plugin'
import { collectInBackground, compactHeap } from '../../src/memory/heap.ts'
import { HeapKeeper } from '../../src/memory/heap-keeper.ts'

const LOOK_MS = 1000

/** Keeps resident memory from holding much more than what is in use. */
export default fp(
  async app => {
    const heap = new HeapKeeper({
      counted: () => app.live.budget.used,
      compact: () => {
        compactHeap()
        return process.memoryUsage().heapTotal
      },
      collectInBackground,
    })
    let before = performance.eventLoopUtilization()
    const stop = app.ledger.always(LOOK_MS, () => {
      const soFar = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(soFar, before)
      before = soFar
      heap.look(process.memoryUsage(), utilization, performance.now())
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'heap', dependencies: ['ledger', 'live'] },
)
