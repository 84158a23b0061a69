import fp from 'fastify-plugin'
import { toCsv } from '../../src/history/csv.ts'
import type { Sample } from '../../src/history/fields.ts'
import { History, RANGES } from '../../src/history/history.ts'
import { HourStore } from '../../src/history/hour-store.ts'
import { readContainer } from '../../src/memory/container.ts'
import { readProcess } from '../../src/memory/process-reading.ts'
import { megabytes } from '../../src/memory/report.ts'
import { readMemory } from '../../src/memory/unreclaimable.ts'

declare module 'fastify' {
  interface FastifyInstance {
    history: {
      readonly ranges: typeof RANGES
      /** Takes one sample now. */
      sample(): void
      /** Something happened that belongs beside the figures. */
      mark(what: string): void
      columns: History['columns']
      csv(range: (typeof RANGES)[number]): string
    }
  }
}

/** How the figures of the process went on, for an hour, a day and thirty days. */
export default fp(
  async app => {
    const { database, live, memory } = app
    const store = new HourStore(database)
    let writing = Promise.resolve()
    const history = new History(app.config.memory.sampleMs, hour => {
      writing = store.write(hour).catch(error => app.log.warn({ err: error }, 'memory history is not kept'))
    })
    history.restore(await store.read())

    function read(): Sample {
      const { heapUsed, external } = process.memoryUsage()
      const container = readContainer()
      const { unreclaimable, rss, swap } = readMemory(readProcess(), container)
      const loop = memory.eventLoop.read()
      return {
        unreclaimable_mb: megabytes(unreclaimable),
        rss_mb: megabytes(rss),
        swap_mb: megabytes(swap),
        heap_mb: megabytes(heapUsed),
        external_mb: megabytes(external),
        container_mb: megabytes((container?.usage ?? 0) - (container?.reclaimable ?? 0)),
        sockets_mb: megabytes(container?.sockets ?? 0),
        live_mb: megabytes(live.budget.used),
        streams: [...live.hubs()].length,
        viewers: app.viewers.size,
        loop_p99_ms: loop.p99Ms,
        loop_utilization: loop.utilization,
      }
    }

    const sample = () => history.add(Date.now(), read())

    app.decorate('history', {
      ranges: RANGES,
      sample,
      mark: what => history.mark({ at: Date.now(), what }),
      columns: range => history.columns(range),
      csv: range => toCsv(history.columns(range)),
    })
    app.addHook('onReady', async () => {
      sample()
      history.mark({ at: Date.now(), what: 'start' })
    })
    app.addHook('onClose', async () => {
      history.close()
      await writing
    })
  },
  { name: 'history', dependencies: ['settings', 'database', 'viewers', 'live', 'memory'] },
)
