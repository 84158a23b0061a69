import fp from 'fastify-plugin'

/** The PWA declares a JSON body on every request, also where it sends none: an empty one counts as `{}`. */
export default fp(
  async app => {
    const parse = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      if (body === '') done(null, {})
      else parse(request, body as string, done)
    })
  },
  { name: 'json-body' },
)
