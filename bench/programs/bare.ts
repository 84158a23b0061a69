import fastify from 'fastify'

/** What `GET /api/auth/me` is measured against: one route that answers the same bytes and does nothing else. */
const app = fastify()
const text = { type: 'string' }
const user = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    username: text,
    email: { anyOf: [text, { type: 'null' }] },
    full_name: { anyOf: [text, { type: 'null' }] },
    is_admin: { type: 'boolean' },
    is_active: { type: 'boolean' },
    created_at: text,
    last_login: { anyOf: [text, { type: 'null' }] },
  },
}
const answer = {
  id: 1,
  username: 'bench',
  email: null,
  full_name: null,
  is_admin: true,
  is_active: true,
  created_at: '2026-05-01 18:30:00',
  last_login: '2026-05-01 18:30:00',
}
app.get(
  '/api/auth/me',
  { schema: { response: { 200: { type: 'object', properties: { user } } } } },
  async () => ({ user: answer }),
)
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`listening at http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
process.once('SIGTERM', () => app.close())
