import { camgate } from '../fronts/camgate.ts'
import { floor } from '../fronts/floor.ts'
import type { Front } from '../fronts/front.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { FRAMES_PER_SECOND } from '../process/tape.ts'
import { type FanOutCost, fanOutCost } from './fan-out.ts'
import { digits, type Figure, figure, print } from './figure.ts'
import type { Plot, Results, Section, Table, Target } from './section.ts'

const BITRATE = 4_000_000
const TRANSPORTS = ['websocket', 'mp4'] as const
type Transport = (typeof TRANSPORTS)[number]
const NAMES = { websocket: 'WebSocket', mp4: 'MP4' }

/** One line of a table: a front, and how its viewers come. */
interface Contender {
  readonly name: string
  readonly front: Front
  /** Each viewer joins in a GOP of its own. */
  readonly apart: boolean
}

interface Measurement extends FanOutCost {
  readonly name: string
  readonly transport: Transport
  readonly viewers: number
}

/** CPU for each gigabyte that is delivered, by number of viewers of one camera. */
export const cpu: Section = {
  title: 'CPU of one camera, by viewers',
  async run(quick) {
    const cameras = await runCameras({
      load: { gop: 2, bitrate: BITRATE },
      // A GOP a frame: whoever joins a frame later is in another one.
      apart: { gop: 1 / FRAMES_PER_SECOND, bitrate: BITRATE },
    })
    const [ours, proxy, least] = await Promise.all([
      camgate(cameras.origin),
      nginx({ upstream: cameras.origin }),
      floor(cameras.origin),
    ])
    const contenders: Contender[] = [
      { name: 'camgate, all in one GOP', front: ours, apart: false },
      { name: 'camgate, each in its own', front: ours, apart: true },
      { name: 'nginx', front: proxy, apart: false },
      { name: 'C floor', front: least, apart: false },
    ]
    const measurements: Measurement[] = []
    try {
      for (const viewers of quick ? [100, 400] : [1, 10, 100, 400, 1000])
        for (let round = 0; round < roundsOf(viewers, quick); round++)
          for (const transport of TRANSPORTS)
            for (const { name, front, apart } of contenders) {
              if (apart && (viewers === 1 || quick)) continue
              const cost = await fanOutCost({
                pid: front.pid,
                upstreamPid: cameras.pid,
                urls: [front[transport]!(apart ? 'apart' : 'load')],
                viewers,
                ramp: apart ? viewers / FRAMES_PER_SECOND : 0.2,
                seconds: quick ? 2 : 4,
              })
              measurements.push({ name, transport, viewers, ...cost })
            }
    } finally {
      await Promise.all([ours.stop(), proxy.stop(), least.stop()])
      await cameras.stop()
    }
    return results(measurements)
  },
}

function roundsOf(viewers: number, quick: boolean): number {
  if (quick) return 1
  return viewers === 100 || viewers === 400 ? 3 : 1
}

function results(measurements: readonly Measurement[]): Results {
  const counts = [...new Set(measurements.map(({ viewers }) => viewers))]
  const names = [...new Set(measurements.map(({ name }) => name))]
  const of = (name: string, transport: Transport, viewers: number, pick: (one: Measurement) => number) =>
    measurements
      .filter(one => one.name === name && one.transport === transport && one.viewers === viewers)
      .map(pick)
  /** Round by round, so that what slows the machine down slows both down. */
  const ratio = (name: string, to: string, transport: Transport, viewers: number): Figure | undefined => {
    const ours = of(name, transport, viewers, one => one.secondsPerGb)
    const theirs = of(to, transport, viewers, one => one.secondsPerGb)
    return ours.length > 0 ? figure(ours.map((cost, round) => cost / theirs[round]!)) : undefined
  }

  const tables: Table[] = TRANSPORTS.flatMap(transport => [
    {
      title: `${NAMES[transport]}: seconds of CPU of the serving process per GB delivered`,
      columns: ['viewers', ...names],
      rows: counts.map(viewers => [
        String(viewers),
        ...names.map(name => {
          const costs = of(name, transport, viewers, one => one.secondsPerGb)
          return costs.length > 0 ? print(figure(costs)) : '–'
        }),
      ]),
    },
  ])
  const shares: Table = {
    title: 'Shares of a core: serving process / upstream / reader',
    columns: ['transport', 'viewers', ...names],
    rows: TRANSPORTS.flatMap(transport =>
      counts.map(viewers => [
        NAMES[transport],
        String(viewers),
        ...names.map(name => {
          const last = measurements.findLast(
            one => one.name === name && one.transport === transport && one.viewers === viewers,
          )
          return last ? [last.cpu.server, last.cpu.upstream, last.cpu.drain].map(digits).join(' / ') : '–'
        }),
      ]),
    ),
    note: 'The reader throws away in the kernel what it gets; as long as it and the upstream stay well under one core, they are not what is measured.',
  }

  const targets: Target[] = TRANSPORTS.flatMap(transport =>
    [100, 400].flatMap(viewers =>
      names
        .filter(name => name.startsWith('camgate'))
        .flatMap(name => {
          const toNginx = ratio(name, 'nginx', transport, viewers)
          const toFloor = ratio(name, 'C floor', transport, viewers)
          const what = `${NAMES[transport]}, ${viewers} viewers, ${name}: CPU per GB`
          const limit = viewers === 400 ? 1 : 1.5
          return [
            ...(toNginx ? [target(`${what} to nginx`, toNginx, 0.6)] : []),
            ...(toFloor ? [target(`${what} to the floor`, toFloor, limit)] : []),
          ]
        }),
    ),
  )
  const plots: Plot[] = TRANSPORTS.map(transport => ({
    name: `cpu-${transport}`,
    title: `CPU per GB over ${NAMES[transport]}`,
    x: 'viewers of one camera',
    y: 's/GB',
    logarithmic: true,
    lines: names.map(name => ({
      name,
      points: counts.flatMap(viewers => {
        const costs = of(name, transport, viewers, one => one.secondsPerGb)
        return costs.length > 0 ? [[viewers, figure(costs).median] as const] : []
      }),
    })),
  }))
  return { tables: [...tables, shares], targets, plots, raw: measurements }
}

function target(what: string, ratio: Figure, limit: number): Target {
  return { what, figure: ratio, is: 'at most', limit, unit: '×' }
}
