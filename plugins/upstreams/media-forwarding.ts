import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReplyFromOptions } from '@fastify/reply-from'
import fp from 'fastify-plugin'
import type { Dispatcher } from 'undici'
import { FrigateBusy } from '../../src/frigate/errors.ts'
import { RECIPIENT } from '../../src/frigate/media/media.ts'
import type { Forwarding, PulledBody } from '../../src/upstream/media.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What a scope registers `@fastify/reply-from` with whose routes answer with what Frigate has. */
    mediaForwarding: FastifyReplyFromOptions
  }
  interface FastifyReply {
    /**
     * Asks Frigate and takes over status and headers of its answer, whose body is the caller's to send. Rejects with what
     * is to be told.
     */
    forward(forwarding: Forwarding, signal: AbortSignal): Promise<PulledBody>
  }
}

/** The other connections for media are for clips that are fetched to the disk. */
const FORWARDED_AT_ONCE = 20

const REQUEST_HEADERS = ['range', 'if-range', 'if-none-match']
const ANSWER_HEADERS = ['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified']

export default fp(
  async app => {
    app.decorate('mediaForwarding', {
      base: 'http://frigate',
      undici: app.frigate.media as unknown as { request: Dispatcher['request'] },
      retryMethods: [],
      disableCache: true,
      disableRequestLogging: true,
    })
    const forwarded = app.shares.define('clips and segments of Frigate', {
      total: FORWARDED_AT_ONCE,
      refusal: () => new FrigateBusy(),
    })
    app.decorateReply('forward', function forward({ path, type, explain }, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        this.raw.once('close', forwarded.take(this.request.owner))
        const recipient = { signal, type, fail: (error: unknown) => reject(explain(error)) }
        this.from(path, {
          queryString: () => '',
          rewriteRequestHeaders: ({ headers }) => ({
            ...only(REQUEST_HEADERS, headers),
            [RECIPIENT]: recipient,
          }),
          rewriteHeaders: headers => ({
            ...only(ANSWER_HEADERS, headers),
            'content-type': type,
            'cache-control': 'private, no-cache',
          }),
          onResponse: (_request, _reply, { stream }) => resolve(stream as unknown as PulledBody),
        })
      })
    })
  },
  { name: 'media-forwarding', dependencies: ['frigate', 'shares'] },
)

function only(names: readonly string[], headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    names.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
}
