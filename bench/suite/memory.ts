import { setTimeout as sleep } from 'node:timers/promises'
import { type CamgateFront, camgate } from '../fronts/camgate.ts'
import { runCameras } from '../process/camera.ts'
import { type DrainOptions, runDrain } from '../process/drain.ts'
import { forgetPeak, readProcess } from '../process/proc.ts'
import { digits, figure } from './figure.ts'
import type { Plot, Section, Table } from './section.ts'

type Point = readonly [x: number, peakMb: number]

const VIEWERS = [1, 100, 400, 1000]
const CAMERAS = [1, 4, 16, 64]
const MEGABITS = [1, 4, 8, 16]
const MOST_PER_VIEWER_KB = 12
/** Within which a server has given back what its start took. */
const SETTLE_MS = 3000

/** Peak RSS as viewers, cameras and bitrate grow, each on a server of its own and all three side by side; `--hold` says how long each step is held. */
export const memory: Section = {
  title: 'Resident memory by viewers, cameras and bitrate',
  async run(quick, holdSeconds = quick ? 1 : 60) {
    const walls = Array.from({ length: CAMERAS.at(-1)! }, (_, index) => `camera_${index}`)
    const upstream = await runCameras({
      ...Object.fromEntries(walls.map(name => [name, { gop: 2, bitrate: 1_000_000 }])),
      ...Object.fromEntries(MEGABITS.map(mbit => [`mbit_${mbit}`, { gop: 2, bitrate: mbit * 1e6 }])),
    })
    const grow = (
      xs: readonly number[],
      more: (ours: CamgateFront, x: number, before: number) => DrainOptions,
    ) => growth(upstream.origin, holdSeconds, xs, more)
    try {
      const [byViewers, byCameras, byBitrate] = await Promise.all([
        grow(quick ? [100, 400] : VIEWERS, (ours, x, before) => ({
          urls: [ours.websocket!('mbit_4')],
          viewers: x - before,
          ramp: 0.5,
        })),
        grow(quick ? [] : CAMERAS, (ours, x, before) => ({
          urls: walls.slice(before, x).map(ours.websocket!),
          viewers: x - before,
          ramp: 1,
        })),
        grow(quick ? [] : MEGABITS, (ours, x) => ({ urls: [ours.websocket!(`mbit_${x}`)], viewers: 10 })),
      ])
      const perViewerKb = slope(byViewers.filter(([x]) => x >= 100)) * 1024
      return {
        tables: [
          table('viewers of one 4 Mbit/s camera', byViewers),
          table('cameras of 1 Mbit/s, one viewer each', byCameras),
          table('Mbit/s of one more camera with ten viewers', byBitrate),
        ]
          .filter(({ rows }) => rows.length > 0)
          .map(one => ({ ...one, note: `Each step held ${holdSeconds} s.` })),
        targets: [
          {
            what: 'RSS for one more healthy viewer, from 100 on',
            figure: figure([perViewerKb]),
            is: 'at most' as const,
            limit: MOST_PER_VIEWER_KB,
            unit: 'kB',
          },
        ],
        plots: [
          plot('viewers', 'viewers', byViewers),
          plot('cameras', 'cameras of 1 Mbit/s', byCameras),
        ].filter(({ lines }) => lines[0]!.points.length > 0),
        raw: { holdSeconds, byViewers, byCameras, byBitrate },
      }
    } finally {
      await upstream.stop()
    }
  },
}

async function growth(
  upstream: string,
  holdSeconds: number,
  xs: readonly number[],
  more: (ours: CamgateFront, x: number, before: number) => DrainOptions,
): Promise<Point[]> {
  if (xs.length === 0) return []
  const ours = await camgate(upstream)
  const crowds: ReturnType<typeof runDrain>[] = []
  const points: Point[] = []
  try {
    await sleep(SETTLE_MS)
    let before = 0
    for (const x of xs) {
      forgetPeak(ours.pid)
      const crowd = runDrain(more(ours, x, before))
      crowds.push(crowd)
      await crowd.playing()
      await sleep(holdSeconds * 1000)
      points.push([x, readProcess(ours.pid).peakMb])
      before = x
    }
  } finally {
    await Promise.all(crowds.map(crowd => crowd.stop()))
    await ours.stop()
  }
  return points
}

/** Of the straight line that lies nearest to the points (least squares). */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(point => point[0]), mean(point => point[1])]
  const spread = mean(point => (point[0] - x) ** 2)
  return spread === 0 ? 0 : mean(point => (point[0] - x) * (point[1] - y)) / spread
}

function table(what: string, points: readonly Point[]): Table {
  return {
    title: `Peak RSS by ${what}: ${points.length > 1 ? `${digits(slope(points) * 1024)} kB for each one more` : ''}`,
    columns: [what, 'MB'],
    rows: points.map(([x, mb]) => [String(x), digits(mb)]),
  }
}

function plot(name: string, x: string, points: readonly Point[]): Plot {
  return {
    name: `memory-${name}`,
    title: `Peak RSS by ${x}`,
    x,
    y: 'MB',
    lines: [{ name: 'camgate', points }],
  }
}
