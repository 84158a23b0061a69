import fp from 'fastify-plugin'
import { HeapKeeper } from '../src/memory/heap-keeper.ts'

const LOOK_MS = 1000

/** Keeps V8 from holding much more than what is in use. */
export default fp(
  async app => {
    const keeper = new HeapKeeper(() => app.live.budget.used)
    const timer = setInterval(() => keeper.look(), LOOK_MS).unref()
    app.addHook('onClose', async () => clearInterval(timer))
  },
  { name: 'heap', dependencies: ['live'] },
)
