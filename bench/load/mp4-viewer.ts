import { Agent, get } from 'node:http'
import { Meter } from './meter.ts'
import type { Viewer } from './viewer.ts'

const agent = new Agent({ keepAlive: false })

/** A `<video>` on an endless `stream.mp4`: reads as fast as it comes. */
export function openMp4Viewer(url: string, numbered: boolean): Viewer {
  const meter = new Meter(numbered)
  const startedAt = performance.now()
  let ended: string | undefined
  let stall = () => {}
  const request = get(url, { agent, headers: { range: 'bytes=0-' } }, reply => {
    stall = () => reply.pause()
    if (reply.statusCode !== 200) ended ??= String(reply.statusCode)
    else reply.on('data', (piece: Buffer) => meter.push(piece))
    reply.on('error', () => {})
    reply.on('close', () => {
      ended ??= 'closed'
    })
  })
  request.on('error', (error: NodeJS.ErrnoException) => {
    ended ??= error.code ?? error.message
  })
  return {
    meter,
    startedAt,
    get ended() {
      return ended
    },
    stall: () => stall(),
    close: () => request.destroy(),
  }
}
