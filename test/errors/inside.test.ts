import t from 'tap'
import { startApp } from '../support/app.ts'

t.test('what failed inside is told to a client', async t => {
  const { origin } = await startApp(t, {}, app => {
    app.get('/api/broken', async () => {
      throw Object.assign(new Error('no such column: secret'), {
        code: 'SQLITE_ERROR',
        path: '/data/camgate.db',
      })
    })
  })
  const reply = await fetch(`${origin}/api/broken`)
  t.equal(reply.status, 500)
  t.match(await reply.json(), { error: 'Internal error', code: 'INTERNAL', requestId: String })
})
