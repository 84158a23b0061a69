import { setTimeout as sleep } from 'node:timers/promises'
import { type CamgateFront, camgate } from '../fronts/camgate.ts'
import { runCameras } from '../process/camera.ts'
import { type DrainOptions, runDrain } from '../process/drain.ts'
import { forgetPeak, readProcess } from '../process/proc.ts'
import { slope } from '../slope.ts'
import { digits, figure } from './figure.ts'
import type { Plot, Section, Table } from './section.ts'

type Point = readonly [x: number, peakMb: number]
type Crowd = (ours: CamgateFront, x: number) => DrainOptions

const VIEWERS = [1, 100, 400, 1000]
const CAMERAS = [1, 4, 16, 64]
const MEGABITS = [1, 4, 8, 16]
const MOST_PER_VIEWER_KB = 12
/** Within which a server has given back what its start took. */
const SETTLE_MS = 3000

/**
 * Peak RSS as viewers, cameras and bitrate grow: a server for each figure, and all of them side by side, as memory does not
 * depend on who else is at work. `--hold` says how long.
 */
export const memory: Section = {
  title: 'Resident memory by viewers, cameras and bitrate',
  async run(quick, holdSeconds = quick ? 1 : 60) {
    const walls = Array.from({ length: CAMERAS.at(-1)! }, (_, index) => `camera_${index}`)
    const upstream = await runCameras({
      ...Object.fromEntries(walls.map(name => [name, { gop: 2, bitrate: 1_000_000 }])),
      ...Object.fromEntries(MEGABITS.map(mbit => [`mbit_${mbit}`, { gop: 2, bitrate: mbit * 1e6 }])),
    })
    const grow = (xs: readonly number[], crowd: Crowd) =>
      Promise.all(
        xs.map(async x => [x, await peakMb(upstream.origin, holdSeconds, ours => crowd(ours, x))] as const),
      )
    try {
      const [byViewers, byCameras, byBitrate] = await Promise.all([
        grow(quick ? [100, 400] : VIEWERS, (ours, viewers) => ({
          urls: [ours.websocket!('mbit_4')],
          viewers,
          ramp: 1,
        })),
        grow(quick ? [] : CAMERAS, (ours, viewers) => ({
          urls: walls.slice(0, viewers).map(ours.websocket!),
          viewers,
          ramp: 1,
        })),
        grow(quick ? [] : MEGABITS, (ours, mbit) => ({
          urls: [ours.websocket!(`mbit_${mbit}`)],
          viewers: 10,
        })),
      ])
      const perViewerKb = kbForEachMore(byViewers.filter(([x]) => x >= 100))
      return {
        tables: [
          table('viewers of one 4 Mbit/s camera', byViewers),
          table('cameras of 1 Mbit/s, one viewer each', byCameras),
          table('Mbit/s of a camera with ten viewers', byBitrate),
        ]
          .filter(({ rows }) => rows.length > 0)
          .map(one => ({ ...one, note: `A server each, for ${holdSeconds} s.` })),
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

async function peakMb(
  upstream: string,
  holdSeconds: number,
  watching: (ours: CamgateFront) => DrainOptions,
): Promise<number> {
  const ours = await camgate(upstream)
  try {
    await sleep(SETTLE_MS)
    forgetPeak(ours.pid)
    const crowd = runDrain(watching(ours))
    try {
      await crowd.playing()
      await sleep(holdSeconds * 1000)
      return readProcess(ours.pid).peakMb
    } finally {
      await crowd.stop()
    }
  } finally {
    await ours.stop()
  }
}

function kbForEachMore(points: readonly Point[]): number {
  return slope(points.map(([x, y]) => ({ x, y }))) * 1024
}

function table(what: string, points: readonly Point[]): Table {
  return {
    title: `Peak RSS by ${what}: ${points.length > 1 ? `${digits(kbForEachMore(points))} kB for each one more` : ''}`,
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
