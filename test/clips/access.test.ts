import { statSync } from 'node:fs'
import t from 'tap'
import { clipRequests, startClips } from '../support/clips.ts'
import { until } from '../support/until.ts'

t.test('a guest would get a clip of another camera; one without a clip is a 404', async t => {
  const house = await startClips(t)
  const { request } = await house.guest('Front_Door')
  const reply = await request(house.path)
  t.equal(reply.status, 404)
  t.equal(clipRequests(house), 0)
  const none = await house.request('/api/events/1700000000.123456-abcdef/clip.mp4')
  t.equal(none.status, 404)
  t.equal((await fetch(`${house.origin}${house.path}`)).status, 401)
})

t.test('a camera that is taken away: its clip would play on', async t => {
  const house = await startClips(t)
  house.frigate.clipPaused = true
  const guest = await house.guest('Driveway')
  const reply = await guest.request(house.path)
  t.equal(reply.status, 200)
  await house.admin.request(`/api/admin/users/${guest.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Front_Door'] },
  })
  await t.rejects(reply.arrayBuffer(), 'cut off')
  await until(() => house.frigate.answering === 0)
})

t.test('the server would not close while a clip plays', async t => {
  const house = await startClips(t)
  house.frigate.clipPaused = true
  const reply = await house.request(house.path)
  const body = reply.arrayBuffer().catch(() => 'cut')
  await house.app.close()
  t.equal(await body, 'cut')
  t.equal(statSync(house.cache).isDirectory(), true)
})
