import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import type { CodedError } from '../src/errors.ts'

/** Every error leaves as `{error, code, requestId}`; what went wrong inside stays in the log. */
export default fp(
  async app => {
    app.setErrorHandler<FastifyError & Partial<Pick<CodedError, 'details' | 'retryAfter'>>>(
      (error, request, reply) => {
        const status = error.statusCode ?? 500
        if (status >= 500) request.log.error({ err: error, req: request }, 'request failed')
        const message = error.statusCode === undefined ? 'Internal error' : error.message
        if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
        reply
          .code(status)
          .send({ ...error.details, error: message, code: error.code ?? 'INTERNAL', requestId: request.id })
      },
    )
    app.setNotFoundHandler((request, reply) => {
      reply.code(404).send({ error: 'Not found', code: 'NOT_FOUND', requestId: request.id })
    })
  },
  { name: 'errors' },
)
