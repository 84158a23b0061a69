import { connect } from 'node:net'
import t from 'tap'
import { type Chooser, fuzz } from '../support/fuzz.ts'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { until } from '../support/until.ts'

const CODECS = 'avc1.640029,hvc1.1.6.L153.B0,mp4a.40.2,flac,opus'
const TEXTS = [
  JSON.stringify({ type: 'mse', value: CODECS }),
  JSON.stringify({ type: 'mse', value: '' }),
  JSON.stringify({ type: 'mse', value: 'x,'.repeat(2000) }),
  JSON.stringify({ type: 'mjpeg', value: '' }),
  JSON.stringify({ type: 'webrtc/offer', value: 'v=0' }),
  JSON.stringify({ type: 'webrtc/candidate', value: '' }),
  JSON.stringify({ type: 'hls' }),
  JSON.stringify({ type: 'x'.repeat(3000), value: [] }),
  ...['{}', '[]', 'null', '', '{', '"mse"', '{"type":{}}', '\u0000', '{"__proto__":{"type":"mse"}}'],
]
/** Of frames in one connection. */
const MOST_FRAMES = 12

/** A frame (RFC 6455, 5.2), right in most of its parts. */
function frame(choose: Chooser): Buffer {
  const payload = choose.chance(0.8)
    ? Buffer.from(choose.of(TEXTS))
    : Buffer.from(Array.from({ length: choose.upTo(200) }, () => choose.upTo(256)))
  const opcode = choose.chance(0.85) ? choose.of([1, 1, 1, 1, 2, 0, 8, 9, 10]) : choose.upTo(16)
  const first = (choose.chance(0.85) ? 0x80 : 0) | (choose.chance(0.05) ? choose.upTo(8) << 4 : 0) | opcode
  const masked = choose.chance(0.97) ? 0x80 : 0
  const size = choose.chance(0.95) ? payload.length : choose.of([0, 1, 65_535, payload.length + 1])
  const length = size < 126 ? [masked | size] : [masked | 126, size >> 8, size & 255]
  if (choose.chance(0.02)) return Buffer.from([first, masked | 127, 0xff, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  const key = Buffer.from([choose.upTo(256), choose.upTo(256), choose.upTo(256), choose.upTo(256)])
  const body = masked ? payload.map((byte, i) => byte ^ key[i % 4]!) : payload
  return Buffer.concat([Buffer.from([first, ...length]), ...(masked ? [key] : []), body])
}

t.test('what a player sends ends the server, or what others watch', async t => {
  const { origin, app, user } = await startLive(t)
  const path = `/api/ws?src=Garage&token=${user.token}`
  const watcher = await new TestPlayer(`${origin}${path}`).opened()
  watcher.say('mse', CODECS)
  await until(() => watcher.media.length > 2)
  const crash: unknown[] = []
  const note = (error: unknown) => crash.push(error)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  t.teardown(() => process.off('uncaughtException', note).off('unhandledRejection', note))

  await fuzz(t, {
    part: 0.0005,
    run: async choose => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
      socket.on('error', () => {})
      const closed = new Promise(resolve => socket.once('close', resolve))
      const answered = new Promise(resolve => socket.once('data', resolve))
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
      )
      await Promise.race([answered, closed])
      const frames = Array.from({ length: 1 + choose.upTo(MOST_FRAMES) }, () => frame(choose))
      const bytes = Buffer.concat(frames)
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + choose.upTo(bytes.length)
        if (!socket.destroyed) socket.write(bytes.subarray(at, at + size))
        at += size
      }
      await new Promise(resolve => setTimeout(resolve, choose.upTo(4)))
      const ended = socket.destroyed
      socket.destroy()
      await closed
      if (crash.length > 0) throw new Error(`${crash[0]}`)
      if (watcher.closed) throw new Error(`the other viewer was closed: ${watcher.closed.code}`)
      return ended ? 'ended by the server' : 'ended by the client'
    },
  })
  const before = watcher.media.length
  await until(() => watcher.media.length > before + 3)
  t.pass('the other viewer goes on')
  watcher.ws.close()
  await until(() => app.viewers.size === 0)
  t.pass('and nobody is left behind')
})
