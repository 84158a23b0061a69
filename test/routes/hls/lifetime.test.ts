import t from 'tap'
import { startHls } from '../../support/hls-client.ts'
import { until } from '../../support/until.ts'

t.test('shutdown waits for players', async t => {
  const { open, app } = await startHls(t)
  const { media, load } = await open('&ll=1')
  const { segments } = await load()
  const waiting = fetch(`${media}?_HLS_msn=${segments.at(-1)!.number + 1}`).catch(() => undefined)
  await until(() => app.viewers.size > 0)
  await app.close()
  await waiting
  t.equal(app.live.budget.used, 0, 'and every byte is given back')
})

t.test('a window is kept for nobody', async t => {
  const { open, app } = await startHls(t)
  await open()
  const [hub] = app.live.hubs()
  const stream = await app.hls.open('Fast')
  t.equal(hub!.inUse, true, 'a viewer of HLS keeps the camera')
  stream.lastAccess -= 31_000
  hub!.lastAccess -= 31_000
  await until(() => app.hls.size === 0)
  await until(() => app.live.budget.used === 0)
  t.equal([...app.live.hubs()].length, 0)
})

t.test('start-streaming does not warm what HLS plays, or stop-streaming takes it away', async t => {
  const { app, go2rtc, user, open } = await startHls(t)
  const post = (path: string) =>
    user.request(`/api/cameras/${path}`, { method: 'POST', body: { cameras: ['Fast'] } })
  await post('start-streaming')
  await until(() => [...app.live.hubs()].some(hub => hub.media.gop.lastSeconds !== undefined))
  const { load } = await open()
  t.ok((await load()).segments.length > 0)
  await post('stop-streaming')
  const { mediaSequence, segments } = await load()
  await until(async () => {
    const now = await load()
    return now.mediaSequence + now.segments.length > mediaSequence + segments.length
  })
  t.equal(go2rtc.stream('Fast').opened, 1)
})
