import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startLive } from '../../support/live-server.ts'
import { curl, ffprobe } from '../../support/tools.ts'
import { until } from '../../support/until.ts'

const run = promisify(execFile)

t.test('a slowed viewer that was skipped forward gets a hole in its timeline', async t => {
  const { synthetic } = await import('../../../demo/footage/synthetic.ts')
  const { app, origin, user } = await startLive(t, {
    streams: { Fast: [synthetic({ bitrate: 12_000_000, gop: 0.5 })] },
    // With megabytes in the kernel, a slow reader's window opens seldom: not a byte leaves for many seconds.
    env: { LIVE_VIEWER_KB: '512', LIVE_FRAGMENT_KB: '512', LIVE_STALLED_SECONDS: '600' },
  })
  const dir = await mkdtemp(join(tmpdir(), 'camgate-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'slow.mp4')
  const url = `${origin}/api/camera/Fast/stream.mp4?token=${user.token}`
  const child = spawn(curl(), ['-s', '--limit-rate', '300k', '-o', file, url])
  t.teardown(() => child.kill('SIGKILL'))
  const drops = () => [...app.live.hubs()].reduce((sum, hub) => sum + hub.drops.skips, 0)
  await until(() => drops() >= 2)
  child.kill('SIGKILL')
  const { stdout } = await run(
    ffprobe(),
    ['-v', 'quiet', '-show_entries', 'packet=stream_index,dts,dts_time', '-of', 'json', file],
    { maxBuffer: 1 << 26 },
  )
  const packets = (
    JSON.parse(stdout) as { packets: { stream_index: number; dts: number; dts_time: string }[] }
  ).packets
  const video = packets.filter(packet => packet.stream_index === 0).map(packet => Number(packet.dts_time))
  t.ok(video.length > 10)
  for (const [i, time] of video.entries())
    if (i > 0 && !(time > video[i - 1]! && time - video[i - 1]! < 0.2))
      t.fail(`at ${time} after ${video[i - 1]}`)
})

t.test('a Range header or HEAD breaks the endless reply', async t => {
  const { go2rtc, origin, user } = await startLive(t)
  const url = `${origin}/api/go2rtc/mse/Garage?token=${user.token}&t=1`
  const stop = new AbortController()
  const reply = await fetch(url, { headers: { range: 'bytes=0-' }, signal: stop.signal })
  t.equal(reply.status, 200)
  t.match(reply.headers.get('content-type'), /^video\/mp4; codecs="avc1/)
  t.equal(reply.headers.get('accept-ranges'), null)
  t.equal(reply.headers.get('cache-control'), 'no-store')
  t.ok((await reply.body!.getReader().read()).value!.length > 0)
  stop.abort()
  const head = await fetch(url, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(await head.text(), '')
  t.equal(go2rtc.stream('Garage').opened, 1)
})

t.test('names that go2rtc does not list, and those without login, reach go2rtc', async t => {
  const { go2rtc, origin, user } = await startLive(t)
  const get = async (path: string, token = user.token) =>
    (await fetch(`${origin}${path}?token=${token}`)).status
  t.equal(await get('/api/camera/Nowhere/stream.mp4'), 404)
  t.equal(await get(`/api/go2rtc/mse/${encodeURIComponent('rtsp://192.0.2.1/')}`), 404)
  t.equal(await get(`/api/go2rtc/mse/${encodeURIComponent('exec:id')}`), 404)
  t.equal(await get('/api/camera/Garage/stream.mp4', 'x'), 401)
  t.equal((await fetch(`${origin}/api/go2rtc/mse/Garage`)).status, 401)
  t.equal(go2rtc.created, 0)
  t.notOk(go2rtc.requests.some(({ url }) => url.includes('stream.mp4')))
})
