import fp from 'fastify-plugin'
import { releaseFilePages } from '../src/memory/file-pages.ts'
import { giveBack } from '../src/memory/give-back.ts'
import { collectInBackground } from '../src/memory/heap.ts'
import { HeapKeeper } from '../src/memory/heap-keeper.ts'
import { PageKeeper } from '../src/memory/page-keeper.ts'

const LOOK_MS = 1000

/** Keeps resident memory from holding much more than what is in use. */
export default fp(
  async app => {
    const heap = new HeapKeeper({
      counted: () => app.live.budget.used,
      compact: () => {
        giveBack()
        return process.memoryUsage().heapTotal
      },
      collectInBackground,
    })
    const pages = new PageKeeper(releaseFilePages)
    let before = performance.eventLoopUtilization()
    const stop = app.ledger.always(LOOK_MS, () => {
      const soFar = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(soFar, before)
      before = soFar
      const usage = process.memoryUsage()
      const now = performance.now()
      heap.look(usage, utilization, now)
      pages.look(usage.rss, now)
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'heap', dependencies: ['ledger', 'live'] },
)
