import t from 'tap'
import { startHls } from '../../support/hls-client.ts'
import { until } from '../../support/until.ts'
import { newUser } from '../../support/users.ts'

t.test('a revoked viewer goes on, or waits on', async t => {
  const { open, origin, user, app } = await startHls(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media, load, at } = await open('&ll=1', viewer.token)
  const { segments } = await load()
  const url = at(segments.at(-1)!.uri ?? segments.at(-2)!.uri!)
  t.equal((await fetch(url)).status, 200)
  const waiting = fetch(`${media}?_HLS_msn=${segments.at(-1)!.number + 1}`).then(
    () => 'answered',
    () => 'cut off',
  )
  await until(() => app.viewers.size > 0)
  await viewer.request('/api/auth/logout', { method: 'POST' })
  t.equal((await fetch(url)).status, 404)
  t.equal((await fetch(media)).status, 404)
  t.equal(await waiting, 'cut off')
  t.equal(app.viewers.size, 0)
})

t.test('a user whose cameras change keeps a forbidden one, or loses an allowed one', async t => {
  const { open, origin, user } = await startHls(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media } = await open('', viewer.token)
  const allow = (cameras: string[]) =>
    user.request(`/api/admin/users/${viewer.user.id}/cameras`, {
      method: 'PUT',
      body: { mode: 'custom', cameras },
    })
  t.equal((await allow(['Fast'])).status, 200)
  t.equal((await fetch(media)).status, 200)
  t.equal((await allow(['Other'])).status, 200)
  t.equal((await fetch(media)).status, 404)
})
