import t from 'tap'
import { bundledPictures } from '../../demo/footage/bundled.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { ByteBudget } from '../../src/live/memory/budget.ts'
import { fillWithOthers } from '../support/fill-share.ts'
import { footage, read } from '../support/fmp4.ts'
import { hlsOf, playedCamera } from '../support/hls.ts'
import { liveStreams, ManualSource } from '../support/live.ts'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { newUser } from '../support/users.ts'

const mp4 = (origin: string, token: string) => `${origin}/api/go2rtc/mse/Garage?token=${token}`

async function codeOf(reply: Response): Promise<[number, unknown]> {
  return [reply.status, ((await reply.json()) as { code?: unknown }).code]
}

t.test('why there is no live video must not be told with another code', async t => {
  const { app, origin, user, go2rtc } = await startLive(t, { env: { LIVE_MAX_VIEWERS: '1' } })
  const url = mp4(origin, user.token)
  go2rtc.stream('Garage').fail('i/o timeout')
  t.same(await codeOf(await fetch(url)), [502, 'LIVE_UPSTREAM_REFUSED'])
  go2rtc.stream('Garage').fail(undefined)

  const stop = new AbortController()
  const playing = await fetch(url, { signal: stop.signal })
  t.equal(playing.status, 200)
  const other = await newUser(origin, await signIn(origin), 'other')
  t.same(await codeOf(await fetch(mp4(origin, other.token))), [503, 'LIVE_TOO_MANY_VIEWERS'])
  stop.abort()
  await playing.body?.cancel().catch(() => {})

  app.live.close()
  t.same(await codeOf(await fetch(url)), [503, 'LIVE_SHUTTING_DOWN'])
})

t.test('as many event streams as there may be must not be told with another code', async t => {
  const { app, origin, user } = await startLive(t)
  const listen = () => fetch(`${origin}/api/events/stream`, { headers: user.headers })
  const first = await listen()
  t.equal(first.status, 200)
  await first.body?.cancel()
  const leave = fillWithOthers(app, 'event streams')
  const refused = await listen()
  t.same([...(await codeOf(refused)), refused.headers.get('retry-after')], [503, 'TOO_MANY_LISTENERS', '30'])
  leave()
  const again = await listen()
  t.equal(again.status, 200)
  await again.body?.cancel()
})

t.test('ASKED_TOO_OFTEN: one player must not have go2rtc make picture after picture', async t => {
  const { origin, user } = await startLive(t, { streams: { Garage: [bundledPictures('Garage')] } })
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  t.teardown(() => player.ws.terminate())
  player.say('mjpeg')
  await until(() => player.media.length > 0)
  for (let i = 0; i < 4; i++) player.say('mjpeg')
  await until(() => player.texts.some(({ value }) => value === 'mjpeg: asked for too often'))
  const sofar = player.media.length
  await until(() => player.media.length > sofar)
})

t.test('a camera that goes before it has come must not be waited for', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, {}, source)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.opened[0]!.receiver.end()
  await t.rejects(finding, { code: 'LIVE_UPSTREAM_ENDED', statusCode: 502 })
  const next = live.find('Yard', PLAIN_VIDEO)
  next.catch(() => {})
  live.close()
  await t.rejects(next, { code: 'LIVE_SHUTTING_DOWN', statusCode: 503 })
})

t.test('bytes beyond a budget must not be had', async t => {
  const budget = new ByteBudget(10, () => {})
  budget.take(10)
  t.throws(() => budget.take(1), { code: 'LIVE_BUDGET_EXHAUSTED', statusCode: 503 })
  t.equal(budget.used, 10)
})

t.test('a reload must not wait for ever for a camera that has fallen silent', async t => {
  const camera = await playedCamera(t, { gop: 1, fps: 10 })
  camera.send(33)
  const { hls } = hlsOf(camera.hub)
  const awaited = { number: hls.window!.openNumber, part: undefined }
  await t.rejects(hls.lowLatency(awaited, false), {
    code: 'HLS_RELOAD_TIMEOUT',
    statusCode: 503,
    retryAfter: 1,
  })
  const next = hls.lowLatency(awaited, false)
  camera.send(15)
  t.match(await next, '#EXTM3U', 'once it is back, a reload is answered')
})

t.test('a fragment that claims what is not so must not be taken', async t => {
  const [init, fragment] = footage({ fps: 10, audio: 'none', bitrate: 40_000 }, 1) as [Buffer, Buffer]
  /** The fragment with a number of one of its boxes changed. */
  const changed = (box: string, at: number, value: number) => {
    const bytes = Buffer.from(fragment)
    bytes.writeUInt32BE(value, bytes.indexOf(box) + 4 + at)
    return [init, bytes]
  }
  t.equal(read([init, fragment]).fragments.length, 1)
  const errors = {
    tooMany: changed('trun', 4, 5000),
    track: changed('tfhd', 4, 77),
    far: changed('trun', 8, 9),
  }
  t.throws(() => read(errors.tooMany), { code: 'FMP4_TOO_MANY_SAMPLES', statusCode: 502 })
  t.throws(() => read(errors.track), { code: 'FMP4_TRACK_UNKNOWN', statusCode: 502 })
  t.throws(() => read(errors.far), { code: 'FMP4_FRAGMENT_UNSUPPORTED', statusCode: 502 })
})
