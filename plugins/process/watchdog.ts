import fp from 'fastify-plugin'
import type { Config } from '../../src/config/config.ts'
import { readMemory } from '../../src/memory/unreclaimable.ts'
import { Watchdog } from '../../src/watchdog/watchdog.ts'

declare module 'fastify' {
  interface FastifyInstance {
    watchdog: Watchdog
  }
}

/** So many viewers are disconnected at one look. */
const DISCONNECTED_AT_ONCE = 8

/** Every few seconds: one sample for the history, one look of the watchdog. */
export default fp<{ config: Config; restart(): void }>(
  async (app, { restart }) => {
    const { live, memory, history } = app
    const { sampleMs, supervised } = app.config.memory
    const watchdog = new Watchdog(
      { thresholds: memory.thresholds, supervised },
      {
        now: Date.now,
        uptime: () => process.uptime() * 1000,
        read: readMemory,
        trim: async () => (await memory.trim.run()).released,
        strain: on => live.strain(on),
        disconnect: () => live.evict(DISCONNECTED_AT_ONCE),
        restart,
        report: (message, fields) => {
          app.log.warn(fields, message)
          history.mark(message)
        },
      },
    )
    app.decorate('watchdog', watchdog)

    const stops = [
      app.ledger.always(sampleMs, () => history.sample()),
      app.ledger.always(sampleMs, () => watchdog.look(readMemory())),
    ]
    app.addHook('preClose', async () => {
      for (const stop of stops) stop()
    })

    const { trim, shed, restart: last } = memory.thresholds
    const { megabytes } = memory
    app.log.info(
      {
        trim_mb: megabytes(trim),
        shed_mb: megabytes(shed),
        restart_mb: megabytes(last),
        supervised,
        node: process.execArgv.join(' '),
      },
      'memory watchdog',
    )
  },
  { name: 'watchdog', dependencies: ['ledger', 'live', 'memory', 'history'] },
)
