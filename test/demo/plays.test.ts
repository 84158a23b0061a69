import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import { openPage } from '../support/browser.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { ffprobe } from '../support/tools.ts'

const run = promisify(execFile)

t.test('ffprobe decodes what the stand-in sends: High, AAC, frames in order from near 0', async t => {
  const go2rtc = await startGo2rtc(t)
  const dir = t.testdir({})
  const file = join(dir, 'seen.mp4')
  const url = `${go2rtc.origin}/api/stream.mp4?src=Front_Door`
  const reply = await fetch(url)
  const reader = reply.body?.getReader()
  const chunks: Uint8Array[] = []
  const enough = performance.now() + 4000
  while (performance.now() < enough) chunks.push((await reader?.read())?.value ?? new Uint8Array())
  await reader?.cancel()
  await writeFile(file, Buffer.concat(chunks))

  const streams = await run(ffprobe(), ['-v', 'error', '-of', 'json', '-show_streams', file])
  t.match(JSON.parse(streams.stdout).streams, [
    { codec_name: 'h264', profile: 'High', width: 640, height: 360 },
    { codec_name: 'aac', sample_rate: '16000' },
  ])
  const frames = await run(ffprobe(), [
    ...['-v', 'error', '-of', 'csv=p=0', '-select_streams', 'v', '-show_entries', 'frame=pts_time', file],
  ])
  const times = frames.stdout.trim().split('\n').map(Number.parseFloat)
  t.ok(times.length >= 75, `${times.length} frames`)
  t.ok((times[0] ?? 1) < 0.1)
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  )
})

/** The least player there is: everything that comes goes into one SourceBuffer. */
const PLAYER = `<!doctype html><video muted autoplay></video><script type="module">
const media = new MediaSource()
const video = document.querySelector('video')
video.src = URL.createObjectURL(media)
await new Promise(resolve => { media.onsourceopen = resolve })
const socket = new WebSocket(new URLSearchParams(location.search).get('ws'))
socket.binaryType = 'arraybuffer'
socket.onopen = () => socket.send(JSON.stringify({ type: 'mse', value: 'avc1.640029,mp4a.40.2' }))
const waiting = []
let buffer
const feed = () => { if (buffer && !buffer.updating && waiting.length) buffer.appendBuffer(waiting.shift()) }
socket.onmessage = ({ data }) => {
  if (typeof data === 'string') {
    buffer = media.addSourceBuffer(JSON.parse(data).value)
    buffer.mode = 'segments'
    buffer.onupdateend = feed
  } else waiting.push(data)
  feed()
}
</script>`

const PLAYS = `(() => {
  const video = document.querySelector('video')
  return video.currentTime > 2 && video.getVideoPlaybackQuality().totalVideoFrames > 40
})()`

t.test('Chromium plays a bundled camera over WebSocket and MSE', async t => {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PLAYER))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const go2rtc = await startGo2rtc(t, bundledStreams(), { origin: '*' })
  const page = await openPage(t)
  await page.goto(`http://127.0.0.1:${port}/?ws=${go2rtc.origin.replace('http', 'ws')}/api/ws?src=Driveway`)
  await page.waitForFunction(PLAYS, undefined, { timeout: 60_000 })
  t.equal(go2rtc.stream('Driveway').consumers.size, 1)
})
