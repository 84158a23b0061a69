import { Readable } from 'node:stream'
import fp from 'fastify-plugin'

/** Fastify reads no body of theirs, whatever they declare. */
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** The PWA declares a JSON body on every request, also where it sends none: an empty one counts as `{}`. Nothing but JSON is taken. */
export default fp(
  async app => {
    // The raw request has then ended before it began, and a parser would wait for its end for ever.
    app.addHook('preParsing', (request, _reply, payload, done) => {
      const isOver = request.raw.readableEnded && !BODYLESS.has(request.method)
      done(null, isOver ? Readable.from([]) : payload)
    })
    app.removeContentTypeParser('text/plain')
    const parse = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      if (body === '') done(null, {})
      else parse(request, body as string, done)
    })
  },
  { name: 'json-body' },
)
