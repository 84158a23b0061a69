import fp from 'fastify-plugin'
import { releaseFilePages } from '../src/memory/file-pages.ts'
import { HeapKeeper } from '../src/memory/heap-keeper.ts'
import { PageKeeper } from '../src/memory/page-keeper.ts'

const LOOK_MS = 1000

/** Keeps resident memory from holding much more than what is in use. */
export default fp(
  async app => {
    const heap = new HeapKeeper(() => app.live.budget.used)
    const pages = new PageKeeper(releaseFilePages)
    const stop = app.ledger.always(LOOK_MS, () => {
      const usage = process.memoryUsage()
      const now = performance.now()
      heap.look(usage, now)
      pages.look(usage.rss, now)
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'heap', dependencies: ['ledger', 'live'] },
)
