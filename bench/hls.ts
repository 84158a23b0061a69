import { setTimeout as sleep } from 'node:timers/promises'
import { runStandIn } from './cameras/stand-in.ts'
import { runCrowd } from './process/crowd.ts'
import { Sampler } from './process/sampler.ts'
import { type RunningServer, runServer } from './process/server.ts'

/**
 * What docs/hls.md says of memory and starts, measured with server, cameras and players in processes of their own.
 * Takes about three minutes: `npm run bench:hls`, or only some of it: `npm run bench:hls -- crowd wall start`.
 */
const WALL = Array.from({ length: 9 }, (_, index) => `wall_${index}`)
const standIn = await runStandIn({
  one: { gop: 2, bitrate: 2_000_000 },
  ...Object.fromEntries(WALL.map(name => [name, { gop: 2, bitrate: 1_000_000 }])),
})

interface Status {
  readonly held_bytes: number
  readonly peak_bytes: number
  readonly limits: { readonly processBytes: number }
}

async function withServer(measure: (server: RunningServer) => Promise<void>): Promise<void> {
  const server = await runServer(standIn.origin)
  try {
    await measure(server)
  } finally {
    await server.stop()
  }
}

const hls = ({ origin, token }: RunningServer, name: string) =>
  `${origin}/api/camera/${name}/stream.m3u8?token=${token}`
const webSocket = ({ origin, token }: RunningServer, name: string) =>
  `${origin.replace('http', 'ws')}/api/ws?src=${name}&token=${token}`

async function held(server: RunningServer) {
  const { held_bytes, peak_bytes, limits } = await server.get<Status>('/api/stream-buffer/status')
  const mb = (bytes: number) => Math.round(bytes / 1e4) / 100
  return { heldMb: mb(held_bytes), peakMb: mb(peak_bytes), limitMb: mb(limits.processBytes) }
}

async function opened(names: readonly string[]): Promise<number[]> {
  const { streams } = await standIn.counts()
  return names.map(name => streams[name]?.opened ?? 0)
}

function report(title: string, figures: Record<string, unknown>): void {
  console.log(`\n${title}`)
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name}: ${JSON.stringify(value)}`)
}

const measurements: Readonly<Record<string, (server: RunningServer) => Promise<void>>> = {
  async crowd(server) {
    const before = await opened(['one'])
    const webSockets = runCrowd({ url: webSocket(server, 'one'), viewers: 100, seconds: 45, ramp: 3 })
    const players = runCrowd({ url: hls(server, 'one'), viewers: 100, seconds: 40, ramp: 5 })
    await Promise.all([webSockets.playing(), players.playing()])
    await sleep(10_000)
    const busy = new Sampler(server.pid)
    const [hlsSummary, webSocketSummary] = await Promise.all([players.summary(), webSockets.summary()])
    report('100 HLS and 100 WebSocket viewers of one 2 Mbit/s camera (RSS at most 100 MB)', {
      ...busy.stop(),
      ...(await held(server)),
      upstreamConnections: (await opened(['one']))[0]! - before[0]!,
      hls: hlsSummary,
      webSocket: webSocketSummary,
    })
    await Promise.all([players.stop(), webSockets.stop()])
  },
  async wall(server) {
    const before = await opened(WALL)
    const phones = runCrowd({
      url: WALL.map(name => hls(server, name)),
      viewers: WALL.length * 4,
      seconds: 50,
      ramp: 4,
    })
    await phones.playing()
    await sleep(15_000)
    const busy = new Sampler(server.pid)
    const summary = await phones.summary()
    report("the PWA's wall: 9 cameras of 1 Mbit/s on 4 phones (RSS at most 95 MB)", {
      ...busy.stop(),
      ...(await held(server)),
      upstreamConnections: (await opened(WALL)).map((now, index) => now - before[index]!),
      ...summary,
    })
    await phones.stop()
  },
  async start(server) {
    const warm = runCrowd({ url: webSocket(server, 'one'), viewers: 1, seconds: 60 })
    await warm.playing()
    await sleep(5000)
    const first = runCrowd({ url: hls(server, 'one'), viewers: 1, seconds: 0 })
    const { firstFrameMs } = await first.summary()
    await first.stop()
    const many = runCrowd({ url: hls(server, 'one'), viewers: 100, seconds: 1, ramp: 10 })
    report('first decodable frame by HLS, warm hub (p95 at most 150 ms)', {
      firstWindow: firstFrameMs.max,
      hundredMore: (await many.summary()).firstFrameMs,
    })
    await many.stop()
    await warm.stop()
  },
}

try {
  const chosen = process.argv.slice(2)
  for (const [name, measure] of Object.entries(measurements))
    if (chosen.length === 0 || chosen.includes(name)) await withServer(measure)
} finally {
  await standIn.stop()
}
