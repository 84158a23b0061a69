import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { runCrowd } from '../process/crowd.ts'
import { mirrorHls } from '../process/hls-mirror.ts'
import { cpuSeconds } from '../process/proc.ts'
import { figure, print } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE } from './transports.ts'

const PLAYERS = 200
const LOOK_SECONDS = 4

/**
 * HLS out of memory, beside nginx with the same segments in files. Both have their players at the same time, and are looked at
 * while these play; what joining takes is in the figures of the whole run.
 */
export const hls: Section = {
  title: `HLS, ${PLAYERS} players of one camera`,
  async run(quick) {
    const looks = quick ? 1 : 7
    const cameras = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
    const ours = await camgate(cameras.origin)
    const url = `${ours.server.origin}/api/camera/load/stream.m3u8?token=${ours.server.token}`
    try {
      await (await fetch(url)).text()
      await sleep(quick ? 4000 : 10_000)
      const files = await mirrorHls(url)
      const proxy = await nginx({ upstream: cameras.origin, root: files.root })
      try {
        const servers = [
          { name: 'camgate', pid: ours.pid, url },
          { name: 'nginx, files', pid: proxy.pid, url: `${proxy.origin}/files/master.m3u8` },
        ]
        const cpu = () => servers.map(({ pid }) => cpuSeconds(pid))
        const before = cpu()
        const crowds = servers.map(server =>
          runCrowd({
            url: server.url,
            viewers: PLAYERS,
            seconds: looks * LOOK_SECONDS + 4,
            ramp: quick ? 1 : 3,
          }),
        )
        await Promise.all(crowds.map(crowd => crowd.playing()))
        await sleep(1000)
        const seen: number[][] = []
        for (let last = cpu(); seen.length < looks; ) {
          await sleep(LOOK_SECONDS * 1000)
          const now = cpu()
          seen.push(now.map((seconds, index) => (seconds - last[index]!) / LOOK_SECONDS))
          last = now
        }
        const summaries = await Promise.all(crowds.map(crowd => crowd.summary()))
        const used = cpu().map((seconds, index) => seconds - before[index]!)
        await Promise.all(crowds.map(crowd => crowd.stop()))
        return report(
          servers.map(({ name }, index) => {
            const { megabytes = 0, seconds = 1, ended } = summaries[index]!
            return {
              name,
              shares: seen.map(look => look[index]!),
              secondsPerGb: used[index]! / (megabytes / 1e3),
              megabitsPerPlayer: (megabytes * 8) / seconds / PLAYERS,
              ended: Object.values(ended).reduce((sum, count) => sum + count, 0),
            }
          }),
        )
      } finally {
        await Promise.all([proxy.stop(), files.stop()])
      }
    } finally {
      await ours.stop()
      await cameras.stop()
    }
  },
}

interface Served {
  readonly name: string
  /** Of a core, in each look. */
  readonly shares: readonly number[]
  readonly secondsPerGb: number
  readonly megabitsPerPlayer: number
  readonly ended: number
}

function report(served: readonly Served[]): Awaited<ReturnType<Section['run']>> {
  const [mine, theirs] = served as readonly [Served, Served]
  return {
    tables: [
      {
        title: 'CPU',
        columns: [
          'from',
          'of a core, while they play',
          'seconds of CPU per GB, from the first playlist to the last segment',
          'Mbit/s each',
          'players that gave up',
        ],
        rows: served.map(({ name, shares, secondsPerGb, megabitsPerPlayer, ended }) => [
          name,
          print(figure(shares)),
          print(figure([secondsPerGb])),
          print(figure([megabitsPerPlayer])),
          String(ended),
        ]),
        note: 'Both at the same time. camgate also takes the camera in and makes the segments; nginx is given them, a script copies them from camgate.',
      },
    ],
    targets: [
      {
        what: 'HLS: camgate, to nginx with files',
        figure: figure(mine.shares.map((share, look) => share / theirs.shares[look]!)),
        is: 'at most',
        limit: 1,
        unit: '×',
      },
    ],
    plots: [],
    raw: served,
  }
}
