import { setTimeout as sleep } from 'node:timers/promises'
import { runCrowd } from './process/crowd.ts'
import { Sampler } from './process/sampler.ts'
import { type RunningServer, runServer } from './process/server.ts'
import { runStandIn } from './process/stand-in.ts'

/**
 * What issue-sized claims about live video rest on, measured with server, cameras and viewers in processes of their
 * own. Takes about a minute and a half: `npm run bench:live`.
 */
const CAMERA = { gop: 2, bitrate: 4_000_000 }
const standIn = await runStandIn({ load: CAMERA })
const direct = `${standIn.origin.replace('http', 'ws')}/api/ws?src=load`

async function withServer(measure: (server: RunningServer, url: string) => Promise<void>): Promise<void> {
  const server = await runServer(standIn.origin)
  try {
    await measure(server, `${server.origin.replace('http', 'ws')}/api/ws?src=load&token=${server.token}`)
  } finally {
    await server.stop()
  }
}

function report(title: string, figures: Record<string, unknown>): void {
  console.log(`\n${title}`)
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name}: ${JSON.stringify(value)}`)
}

try {
  await withServer(async (server, url) => {
    await sleep(2000)
    const idle = new Sampler(server.pid)
    await sleep(3000)
    report('idle, nobody watches (RSS at most 75 MB)', idle.stop())

    const opened = (await standIn.counts()).streams.load?.opened ?? 0
    const crowd = runCrowd({ url, viewers: 100, stalled: 10, seconds: 30, ramp: 5 })
    await crowd.playing()
    const busy = new Sampler(server.pid)
    const summary = await crowd.summary()
    const camera = (await standIn.counts()).streams.load
    report(
      '100 viewers of one 4 Mbit/s camera, 10 of them stalled (RSS at most 95 MB, one upstream connection)',
      {
        ...busy.stop(),
        upstreamConnections: (camera?.opened ?? 0) - opened,
        ...summary,
      },
    )
    await crowd.stop()
  })

  await withServer(async (_, url) => {
    const first = runCrowd({ url, viewers: 1, seconds: 30 })
    await first.playing()
    await sleep(3000)
    const warm = runCrowd({ url, viewers: 100, seconds: 1, ramp: 8 })
    report('first decodable frame, warm hub, 2 s GOP, 100 joins within 8 s (p95 at most 100 ms)', {
      ...(await warm.summary()).firstFrameMs,
    })
    await first.stop()
    const keptOpen = runCrowd({ url: direct, viewers: 1, seconds: 30 })
    await keptOpen.playing()
    const cold = runCrowd({ url: direct, viewers: 100, seconds: 1, ramp: 8 })
    report('the same, straight from go2rtc', { ...(await cold.summary()).firstFrameMs })
    await keptOpen.stop()
  })

  await withServer(async (server, url) => {
    const first = runCrowd({ url, viewers: 1, seconds: 60 })
    await first.playing()
    await sleep(3000)
    const busy = new Sampler(server.pid)
    const crowd = runCrowd({ url, viewers: 1000, seconds: 5, ramp: 1 })
    const summary = await crowd.summary()
    report('a thousand joins within a second', { ...busy.stop(), ...summary })
    report('status', await server.get('/api/stream-buffer/status'))
    await first.stop()
  })
} finally {
  await standIn.stop()
}
