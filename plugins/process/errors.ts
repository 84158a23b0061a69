import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import { CodedError } from '../../src/errors.ts'
import { DATA_HEADERS } from '../../src/http/data-headers.ts'
import { Seldom } from '../../src/upstream/seldom.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Tells the log of what no code can mend, an upstream that is down or a place that is full: each code once in ten minutes.
     * `hint` is for the log alone.
     */
    complain(error: CodedError, hint?: string): void
  }
}

const SAID_AGAIN_MS = 600_000

/**
 * Every error leaves as `{error, code, requestId}`; what went wrong inside stays in the log, with its stack if it is a fault of this
 * program. What is not, such as an upstream that is down, every request would say again.
 */
export default fp(
  async app => {
    const seldom = new Seldom(SAID_AGAIN_MS)
    app.decorate('complain', (error, hint) => {
      if (!seldom.due(error.code)) return
      app.log.warn({ code: error.code }, hint === undefined ? error.message : `${error.message} (${hint})`)
    })
    app.setErrorHandler<FastifyError & Partial<Pick<CodedError, 'details' | 'retryAfter'>>>(
      (error, request, reply) => {
        const status = error.statusCode ?? 500
        // Whoever makes many of them is not to fill the log too, and a client that left is no fault.
        if (status > 500 && error instanceof CodedError) app.complain(error)
        else if (status >= 500 && !reply.raw.destroyed)
          request.log.error({ err: error, req: request }, 'request failed')
        const told =
          error.statusCode === undefined
            ? { error: 'Internal error', code: 'INTERNAL' }
            : { error: error.message, code: error.code ?? 'INTERNAL' }
        if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
        reply
          .code(status)
          .headers(DATA_HEADERS)
          .send({ ...error.details, ...told, requestId: request.id })
      },
    )
    app.setNotFoundHandler((request, reply) => {
      reply
        .code(404)
        .headers(DATA_HEADERS)
        .send({ error: 'Not found', code: 'NOT_FOUND', requestId: request.id })
    })
  },
  { name: 'errors' },
)
