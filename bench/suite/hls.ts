import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { runCrowd } from '../process/crowd.ts'
import { mirrorHls } from '../process/hls-mirror.ts'
import { cpuSeconds } from '../process/proc.ts'
import { askInOwnProcess } from '../process/requests.ts'
import { type Figure, figure, print } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE } from './transports.ts'

const PLAYERS = 200

/** Has the compilers see what a player asks for as often as they want to: of a segment only a little. */
async function warmUp(url: string, seconds: number): Promise<void> {
  const listed = async (playlist: string) => {
    const lines = (await (await fetch(playlist)).text()).trim().split('\n')
    return new URL(lines.findLast(line => !line.startsWith('#'))!, playlist)
  }
  const media = await listed(url)
  const segment = await listed(String(media))
  for (const { origin, pathname, search } of [media, segment])
    await askInOwnProcess({
      origin,
      path: pathname + search,
      headers: { range: 'bytes=0-99' },
      connections: 20,
      seconds,
    })
}

/** HLS out of memory, beside nginx with the same segments in files. */
export const hls: Section = {
  title: `HLS, ${PLAYERS} players of one camera`,
  async run(quick) {
    const cameras = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
    const ours = await camgate(cameras.origin)
    const url = `${ours.server.origin}/api/camera/load/stream.m3u8?token=${ours.server.token}`
    const rounds: { name: string; secondsPerGb: number; megabitsPerPlayer: number; ended: number }[] = []
    try {
      await (await fetch(url)).text()
      await sleep(quick ? 4000 : 10_000)
      await warmUp(url, quick ? 1 : 3)
      const files = await mirrorHls(url)
      const proxy = await nginx({ upstream: cameras.origin, root: files.root })
      try {
        for (let round = 0; round < (quick ? 1 : 2); round++)
          for (const [name, pid, of] of [
            ['camgate', ours.pid, url],
            ['nginx, files', proxy.pid, `${proxy.origin}/files/master.m3u8`],
          ] as const) {
            const before = cpuSeconds(pid)
            const players = runCrowd({
              url: of,
              viewers: PLAYERS,
              seconds: quick ? 3 : 8,
              ramp: quick ? 1 : 2,
            })
            const { megabytes = 0, seconds = 1, ended } = await players.summary()
            const used = cpuSeconds(pid) - before
            rounds.push({
              name,
              secondsPerGb: used / (megabytes / 1e3),
              megabitsPerPlayer: (megabytes * 8) / seconds / PLAYERS,
              ended: Object.values(ended).reduce((sum, count) => sum + count, 0),
            })
            await players.stop()
          }
      } finally {
        await Promise.all([proxy.stop(), files.stop()])
      }
    } finally {
      await ours.stop()
      await cameras.stop()
    }
    const names = [...new Set(rounds.map(({ name }) => name))]
    const of = (name: string, pick: (round: (typeof rounds)[number]) => number): Figure =>
      figure(rounds.filter(round => round.name === name).map(pick))
    const [mine, theirs] = names.map(name => rounds.filter(round => round.name === name)) as [
      typeof rounds,
      typeof rounds,
    ]
    return {
      tables: [
        {
          title: 'From the first playlist to the last segment',
          columns: ['from', 'seconds of CPU per GB', 'Mbit/s each', 'players that gave up'],
          rows: names.map(name => [
            name,
            print(of(name, round => round.secondsPerGb)),
            print(of(name, round => round.megabitsPerPlayer)),
            String(of(name, round => round.ended).high),
          ]),
          note: 'camgate also takes the camera in and makes the segments; nginx is given them, a script copies them from camgate.',
        },
      ],
      targets: [
        {
          what: 'HLS: camgate, to nginx with files',
          figure: figure(mine.map((round, index) => round.secondsPerGb / theirs[index]!.secondsPerGb)),
          is: 'at most',
          limit: 1,
          unit: '×',
        },
      ],
      plots: [],
      raw: rounds,
    }
  },
}
