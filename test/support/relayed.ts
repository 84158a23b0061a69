import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { go2rtcSource } from '../../src/go2rtc/live-source.ts'
import type { FanOut } from '../../src/live/fan-out.ts'
import type { Framing } from '../../src/live/framing.ts'
import type { Hub } from '../../src/live/hub.ts'
import type { LiveOptions } from '../../src/live/live-streams.ts'
import { PLAIN_VIDEO } from '../../src/live/playable.ts'
import type { RelayBinding } from '../../src/live/relay.ts'
import { watch } from '../../src/live/watch.ts'
import { compiledFanOut } from './addon.ts'
import { connection } from './connection.ts'
import { liveStreams } from './live.ts'
import { until } from './until.ts'

const fanOut = compiledFanOut()
const MIB = 1024 * 1024
const LIMITS = { fragmentBytes: MIB, viewerBytes: 2 * MIB, streamBytes: 8 * MIB, processBytes: 16 * MIB }

/** What the relays of a test have done. */
export interface Relays {
  starts: number
  stops: number
  packets: number
  fallen: number
}

/** The addon, and what its relays do. */
export function countedRelays(): { fanOut: FanOut; relays: Relays } {
  const counts = { starts: 0, stops: 0, packets: 0, fallen: 0 }
  const binding = fanOut.relays!
  const relays: RelayBinding = {
    create: binding.create,
    close: binding.close,
    seat: binding.seat,
    start(...args) {
      const started = binding.start(...args)
      if (started) counts.starts++
      return started
    },
    stop(relay, report) {
      const bytes = binding.stop(relay, report)
      counts.stops++
      counts.packets += report[0]!
      return bytes
    },
    fallen(relay) {
      const numbers = binding.fallen(relay)
      counts.fallen += numbers.length / 3
      return numbers
    },
  }
  return { fanOut: { open: fanOut.open, close: fanOut.close, send: fanOut.send, relays }, relays: counts }
}

/** The same without relays. */
export const withoutRelays: FanOut = { open: fanOut.open, close: fanOut.close, send: fanOut.send }

/** A go2rtc that sends what a test gives it, to everybody who has asked. */
export async function handFed(t: Test) {
  const consumers: Socket[] = []
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write('HTTP/1.0 200 OK\r\nContent-Type: video/mp4\r\n\r\n')
      consumers.push(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of consumers) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return {
    origin: new URL(`http://127.0.0.1:${port}`),
    consumers,
    /** To all of them, and a moment for it to be read. */
    async send(bytes: Uint8Array): Promise<void> {
      for (const socket of consumers) socket.write(bytes)
      for (let i = 0; i < 4; i++) await new Promise(setImmediate)
    },
  }
}

export type HandFed = Awaited<ReturnType<typeof handFed>>

/** A stream of such a camera, whose viewers are connections. */
export async function streamOf(
  t: Test,
  go2rtc: HandFed,
  init: Uint8Array,
  fanOut: FanOut,
  options: Partial<LiveOptions> = {},
) {
  const source = go2rtcSource(go2rtc.origin)
  const { live, logged } = liveStreams(
    t,
    { limits: LIMITS, stalledMs: 60_000, retryMs: 60_000, ...options, fanOut },
    source,
  )
  const before = go2rtc.consumers.length
  const finding = live.find('Door', PLAIN_VIDEO)
  await until(() => go2rtc.consumers.length > before)
  go2rtc.consumers.at(-1)!.write(init)
  const hub: Hub = await finding
  const join = async (framing: Framing, plainVideo = false) => {
    const { near, far, received } = await connection(t)
    let ended: string | undefined
    const watching = watch(live, hub, near, {
      framing,
      plainVideo,
      onEnd: cause => {
        ended = cause
        near.destroy()
      },
    })
    return { near, far, received, watching, ended: () => ended }
  }
  /** What has been relayed is in the hub from then on. */
  const settle = () => {
    const tap = { urgent: false, packet() {}, flush() {} } as unknown as Parameters<Hub['attach']>[0]
    hub.attach(tap)()
  }
  const lost = () =>
    logged.filter(({ message }) => message.startsWith('camera lost')).map(({ fields }) => fields.code)
  return { live, hub, join, settle, lost, logged }
}
