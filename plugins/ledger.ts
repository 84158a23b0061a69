import fp from 'fastify-plugin'
import { Ledger } from '../src/ledger/ledger.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What is acquired and not yet released, by kind. */
    ledger: Ledger
  }
}

export default fp(
  async app => {
    app.decorate('ledger', new Ledger())
  },
  { name: 'ledger' },
)
