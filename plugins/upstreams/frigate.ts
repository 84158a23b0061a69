import fp from 'fastify-plugin'
import { CodedError } from '../../src/errors.ts'
import { FrigateClient } from '../../src/frigate/connection/client.ts'
import { Frigate } from '../../src/frigate/frigate.ts'

declare module 'fastify' {
  interface FastifyInstance {
    frigate: Frigate
  }
  interface FastifyReply {
    /**
     * For the few answers that the PWA cannot take as an error: says in `x-upstream-error` why this one is empty
     * or old. An error that is not the upstream's is thrown on.
     */
    upstreamFailed(error: unknown): void
    /** Answers with a text that is JSON already, as the schema of the route says. */
    sendJson(text: Buffer): FastifyReply
  }
}

/** One bounded pool for everything that is asked of Frigate. */
export default fp(
  async app => {
    const { frigate, frigateUser, frigatePassword, frigateCa } = app.config.upstreams
    const client = new FrigateClient({
      origin: frigate,
      user: frigateUser,
      password: frigatePassword,
      ca: frigateCa,
      complain: app.complain,
    })
    app.decorate('frigate', new Frigate(client))
    app.ledger.watch('requests to Frigate', () => client.load.running + client.load.waiting)
    app.decorateReply('upstreamFailed', function upstreamFailed(error) {
      if (!(error instanceof CodedError)) throw error
      app.complain(error)
      this.header('x-upstream-error', error.message.replace(/[^ -~]/g, '?'))
    })
    app.decorateReply('sendJson', function sendJson(text) {
      return this.header('content-type', 'application/json; charset=utf-8').send(text)
    })
    app.addHook('onClose', async () => {
      await client.close()
    })
  },
  { name: 'frigate', dependencies: ['settings', 'errors', 'ledger'] },
)
