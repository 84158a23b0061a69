import t, { type Test } from 'tap'
import { type SyntheticOptions, synthetic } from '../../demo/footage/synthetic.ts'
import { go2rtcSource } from '../../src/go2rtc/live-source.ts'
import type { LiveOptions } from '../../src/live/admission/live-streams.ts'
import { PLAIN_VIDEO, playableFrom } from '../../src/live/camera/playable.ts'
import { raw } from '../../src/live/timeline/framing.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { liveStreams, ManualSink } from '../support/live.ts'
import { until } from '../support/until.ts'

const CHROMIUM = playableFrom('avc1.640029,avc1.64002A,avc1.640033,mp4a.40.2,mp4a.40.5,flac,opus')
const SAFARI = playableFrom('avc1.640029,hvc1.1.6.L153.B0,mp4a.40.2,flac')
const RAW = { framing: raw, plainVideo: false }

async function stream(t: Test, sources: SyntheticOptions[], options: Partial<LiveOptions> = {}) {
  const go2rtc = await startGo2rtc(t, { Door: sources.map(source => synthetic({ gop: 0.2, ...source })) })
  const { live } = liveStreams(t, options, go2rtcSource(new URL(go2rtc.origin)))
  return { go2rtc, live, door: go2rtc.stream('Door') }
}

t.test('players that get the same tracks cost a connection each', async t => {
  const { live, door } = await stream(t, [{ audio: 'aac' }])
  const hubs = await Promise.all(
    [CHROMIUM, SAFARI, PLAIN_VIDEO, CHROMIUM].map(playable => live.find('Door', playable)),
  )
  t.equal(new Set(hubs).size, 1)
  t.equal(door.consumers.size, 1)
  t.equal(door.opened, 1)
})

t.test('a camera without sound is asked again for every kind of player', async t => {
  const { live, door } = await stream(t, [{ audio: 'none' }])
  const plain = await live.find('Door', PLAIN_VIDEO)
  t.equal(await live.find('Door', SAFARI), plain)
  t.equal(await live.find('Door', CHROMIUM), plain)
  t.equal(await live.find('Door', SAFARI), plain)
  await until(() => door.consumers.size === 1)
  t.ok(door.opened <= 3, 'what was asked once is known')
})

t.test('a player is given sound that it cannot play, or none where it could', async t => {
  const { live, door } = await stream(t, [{ audio: 'pcma' }])
  const plain = await live.find('Door', PLAIN_VIDEO)
  const safari = await live.find('Door', SAFARI)
  const chromium = await live.find('Door', CHROMIUM)
  t.equal(plain.media.tracks.length, 1)
  t.match(safari.media.mimeType, /flac/)
  t.equal(chromium, safari)
  t.equal(door.consumers.size, 2)
})

t.test('a player without H.265 gets H.265, or nothing where the camera has H.264 too', async t => {
  const { live, door } = await stream(t, [{ video: 'h265' }, { video: 'h264', audio: 'none' }])
  const hub = await live.find('Door', CHROMIUM)
  t.match(hub.media.mimeType, /avc1/)
  t.notMatch(hub.media.mimeType, /hvc1/)
  const other = await live.find('Door', SAFARI)
  t.match(other.media.mimeType, /hvc1/)
  t.equal(door.consumers.size, 2)
})

t.test('a player that can play nothing of a camera waits', async t => {
  const { live } = await stream(t, [{ video: 'h265' }])
  await t.rejects(live.find('Door', CHROMIUM), {
    code: 'LIVE_NOT_PLAYABLE',
    message: /codecs not matched.*hev1/,
  })
})

t.test("go2rtc's own sentence is lost when it refuses", async t => {
  const { live, door } = await stream(t, [{}])
  door.fail('dial tcp 192.0.2.10:554: connect: connection refused')
  await t.rejects(live.find('Door', PLAIN_VIDEO), { message: /connection refused/ })
  t.same([...live.hubs()], [], 'no hub is left behind')
})

t.test('an upstream connection outlives its use', async t => {
  const { live, door } = await stream(t, [{}], { lingerMs: 30, holdMs: 60 })
  const hub = await live.find('Door', PLAIN_VIDEO)
  const viewer = live.subscribe(hub, new ManualSink(), RAW)
  await new Promise(resolve => setTimeout(resolve, 100))
  t.equal(door.consumers.size, 1, 'it stays while somebody watches')
  viewer.close()
  await until(() => door.consumers.size === 0)
  t.equal(hub.state, 'closed')

  live.hold('Door')
  await until(() => door.consumers.size === 1)
  await until(() => door.consumers.size === 0)

  live.hold('Door')
  await until(() => door.consumers.size === 1)
  live.release('Door')
  await until(() => door.consumers.size === 0)

  const again = await live.find('Door', PLAIN_VIDEO)
  live.subscribe(again, new ManualSink(), RAW)
  live.hold('Door')
  live.release('Door')
  t.equal(again.viewers, 1, "giving back a hold ends another viewer's stream")
  live.close()
  await until(() => door.consumers.size === 0)
})

t.test('a camera that takes its time loses whoever waits for it, where streams do not linger', async t => {
  const { live, door } = await stream(t, [{}], { lingerMs: 0 })
  door.pause()
  const finding = live.find('Door', PLAIN_VIDEO)
  await until(() => door.consumers.size === 1)
  await new Promise(resolve => setTimeout(resolve, 50))
  door.resume()
  const viewer = live.subscribe(await finding, new ManualSink(), RAW)
  viewer.close()
  await until(() => door.consumers.size === 0)
})

t.test('a go2rtc that is gone and comes back has lost its viewers', async t => {
  const { live, go2rtc } = await stream(t, [{}])
  const hub = await live.find('Door', PLAIN_VIDEO)
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  await go2rtc.stop()
  await until(() => hub.state === 'reconnecting')
  const chunks = sink.chunks.length
  await go2rtc.start()
  await until(() => hub.state === 'live' && sink.chunks.length > chunks + 4)
  t.equal(sink.ended, undefined)
})
