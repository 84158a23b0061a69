import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { readContainer } from '../../src/memory/container.ts'
import { EventLoop } from '../../src/memory/event-loop.ts'
import { describeMemory, megabytes, memoryFigures } from '../../src/memory/report.ts'
import { Trim } from '../../src/memory/trim.ts'
import { type MemoryReading, readMemory } from '../../src/memory/unreclaimable.ts'
import { type Thresholds, thresholdsOf } from '../../src/watchdog/thresholds.ts'

declare module 'fastify' {
  interface FastifyInstance {
    memory: {
      readonly thresholds: Thresholds
      readonly eventLoop: EventLoop
      readonly trim: Trim
      read(): MemoryReading
      /** A reading in megabytes, as the API gives it. */
      figures: typeof memoryFigures
      /** Everything else, for an administrator. */
      describe(): ReturnType<typeof describe>
      megabytes: typeof megabytes
    }
  }
}

/** What the process holds, and how it gives back what it does not need. */
export default fp(
  async app => {
    const eventLoop = new EventLoop()
    app.addHook('onClose', async () => eventLoop.close())
    const { live, hls, snapshots, database } = app
    app.decorate('memory', {
      thresholds: thresholdsOf(app.config.memory, readContainer()?.limit),
      eventLoop,
      trim: new Trim([() => hls.trim(), () => live.trim(), () => snapshots.clear(), () => database.shrink()]),
      read: () => readMemory(),
      figures: memoryFigures,
      describe: () => describe(app, eventLoop),
      megabytes,
    })
  },
  { name: 'memory', dependencies: ['ledger', 'database', 'viewers', 'cameras', 'live', 'hls'] },
)

function describe(
  { live, database, viewers, ledger }: Pick<FastifyInstance, 'live' | 'database' | 'viewers' | 'ledger'>,
  eventLoop: EventLoop,
) {
  return {
    ...describeMemory(eventLoop.last),
    budget: {
      limit_bytes: live.budget.limit,
      held_bytes: live.budget.used,
      peak_bytes: live.budget.peak,
      streams: [...live.hubs()].map(hub => {
        const { state, viewers, held_bytes, limit_bytes, gop, dropped } = live.describe(hub)
        return { stream: hub.stream, state, viewers, held_bytes, limit_bytes, gop_bytes: gop.bytes, dropped }
      }),
    },
    database: database.counters,
    viewers: viewers.countByKind(),
    ledger: ledger.describe(),
  }
}
