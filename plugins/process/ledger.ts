import fp from 'fastify-plugin'
import { Ledger } from '../../src/ledger/ledger.ts'
import { Seldom } from '../../src/upstream/seldom.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What is acquired and not yet released, by kind. */
    ledger: Ledger
  }
}

/** A task that fails each second fills no log. */
const SAID_EVERY_MS = 60_000

export default fp(
  async app => {
    const seldom = new Seldom(SAID_EVERY_MS)
    const ledger = new Ledger(error => {
      if (seldom.due('failure'))
        app.log.error({ err: error, failures: ledger.failures }, 'a periodic task failed')
    })
    app.decorate('ledger', ledger)
  },
  { name: 'ledger' },
)
