import t from 'tap'
import { startApp } from './support/app.ts'

t.test('health answers without login, database or upstream', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(`${origin}/health`)
  t.equal(reply.status, 200)
  t.same(await reply.json(), { status: 'healthy' })
})

t.test('an unknown route is a JSON 404', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(`${origin}/api/nothing`, { headers: { 'content-type': 'application/json' } })
  t.equal(reply.status, 404)
  t.match(await reply.json(), { error: 'Not found', code: 'NOT_FOUND' })
})
