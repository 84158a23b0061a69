import fp from 'fastify-plugin'
import { Viewers } from '../src/access/viewers.ts'

declare module 'fastify' {
  interface FastifyInstance {
    viewers: Viewers
  }
}

/** Endless replies would keep `app.close()` pending for ever: they end in `preClose`. */
export default fp(
  async app => {
    const viewers = new Viewers()
    app.decorate('viewers', viewers)
    app.ledger.watch('viewers', () => viewers.size)
    app.addHook('preClose', async () => viewers.close())
  },
  { name: 'viewers', dependencies: ['ledger'] },
)
