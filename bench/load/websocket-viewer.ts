import { WebSocket } from 'ws'
import { Meter } from './meter.ts'
import type { Viewer } from './viewer.ts'

const CODECS = 'avc1.640029,avc1.64002A,avc1.640033,hvc1.1.6.L153.B0,mp4a.40.2,mp4a.40.5,flac,opus'

/** A player that speaks go2rtc's WebSocket protocol, from the stand-in, from a real go2rtc or from camgate. */
export function openWebSocketViewer(url: string, numbered: boolean): Viewer {
  const meter = new Meter(numbered)
  const startedAt = performance.now()
  const socket = new WebSocket(url, { perMessageDeflate: false })
  let ended: string | undefined
  socket.on('open', () => socket.send(JSON.stringify({ type: 'mse', value: CODECS })))
  socket.on('message', (data: Buffer, binary) => {
    if (binary) meter.push(data)
    else ended ??= errorOf(data)
  })
  socket.on('error', error => {
    ended ??= error.message
  })
  socket.on('close', code => {
    ended ??= String(code)
  })
  return {
    meter,
    startedAt,
    get ended() {
      return ended
    },
    stall: () => socket.pause(),
    close: () => socket.terminate(),
  }
}

function errorOf(data: Buffer): string | undefined {
  const { type, value } = JSON.parse(data.toString()) as { type: string; value?: string }
  return type === 'error' ? value : undefined
}
