import fp from 'fastify-plugin'
import { collectInBackground } from '../src/memory/heap.ts'

const LOOK_MS = 3000
/** What may lie about beside the media that the budget counts: chunks on their way in and out. */
const LOOSE_BYTES = 2 * 1024 * 1024

/**
 * The bytes of a GOP are old by the time they are let go, and V8 leaves old garbage outside its heap lying for long. What
 * buffers hold beyond what the budget counts is garbage: when it is much, it is collected.
 */
export default fp(
  async app => {
    const timer = setInterval(() => {
      const { arrayBuffers } = process.memoryUsage()
      if (arrayBuffers - app.live.budget.used > LOOSE_BYTES) collectInBackground()
    }, LOOK_MS).unref()
    app.addHook('onClose', async () => clearInterval(timer))
  },
  { name: 'heap', dependencies: ['live'] },
)
