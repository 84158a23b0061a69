import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'

/** Speaks go2rtc's WebSocket protocol and keeps what comes; closed with the test. */
export async function connect(t: Test, url: string, headers = {}) {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  t.teardown(() => socket.terminate())
  const messages: unknown[] = []
  const media: Buffer[] = []
  socket.on('message', (data: Buffer, binary) => {
    if (binary) media.push(data)
    else messages.push(JSON.parse(data.toString()))
  })
  await once(socket, 'open')
  const ask = (type: string, value?: string) => socket.send(JSON.stringify({ type, value }))
  return { socket, messages, media, ask }
}
