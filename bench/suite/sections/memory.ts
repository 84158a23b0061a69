import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { type CamgateFront, camgate } from '../../fronts/camgate.ts'
import { type DrainOptions, runDrain } from '../../process/drain.ts'
import { Opened } from '../../process/opened.ts'
import { forgetPeak, readProcess } from '../../process/proc.ts'
import { slope } from '../../soak/slope.ts'
import { digits, figure, print } from '../page/figure.ts'
import type { Plot } from '../page/plot.ts'
import type { Table } from '../page/print.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const WALL = Array.from({ length: 64 }, (_, index) => `camera_${index}`)
const MEGABITS = [1, 4, 8, 16]
const MOST_PER_VIEWER_KB = 12
/** Within which a server has given back what its start took. */
const SETTLE_MS = 3000
const HOLD_SECONDS = 12

/** Something that grows, at several sizes. */
interface Growth {
  readonly what: string
  /** The name of its plot. */
  readonly plot?: string
  readonly sizes: readonly number[]
  crowd(ours: CamgateFront, size: number): DrainOptions
}

const VIEWERS: Growth = {
  what: 'viewers of one 4 Mbit/s camera',
  plot: 'viewers',
  sizes: [1, 100, 400, 1000],
  crowd: (ours, viewers) => ({ urls: [ours.websocket!('mbit_4')], viewers, ramp: 1 }),
}
const GROWTHS: readonly Growth[] = [
  VIEWERS,
  {
    what: 'cameras of 1 Mbit/s, one viewer each',
    plot: 'cameras',
    sizes: [1, 4, 16, 64],
    crowd: (ours, viewers) => ({ urls: WALL.slice(0, viewers).map(ours.websocket!), viewers, ramp: 1 }),
  },
  {
    what: 'Mbit/s of a camera with ten viewers',
    sizes: MEGABITS,
    crowd: (ours, mbit) => ({ urls: [ours.websocket!(`mbit_${mbit}`)], viewers: 10 }),
  },
]

interface Held {
  readonly rssMb: number
  readonly unreclaimableMb: number
}

/** What is held by what grows and by its size. */
type Round = Readonly<Record<string, Readonly<Record<number, Held>>>>

/** As viewers, cameras and bitrate grow: a server for each figure, and all of them side by side, as memory does not depend on who else is at work. */
export const memory = section<Round>({
  title: 'Memory by viewers, cameras and bitrate',
  slow: true,
  targets: () => [
    {
      what: 'RSS for one more healthy viewer, from 100 on',
      is: 'at most',
      limit: MOST_PER_VIEWER_KB,
      unit: 'kB',
      of: round =>
        kbForEachMore(Object.entries(round[VIEWERS.what]!).filter(([size]) => Number(size) >= 100)),
    },
  ],
  measure,
  tables: rounds => GROWTHS.map(growth => table(growth, rounds)),
  plots: rounds => GROWTHS.flatMap(growth => plot(growth, rounds)),
})

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const upstream = await opened.add(
    runCameras({
      ...Object.fromEntries(WALL.map(name => [name, { gop: 2, bitrate: 1_000_000 }])),
      ...Object.fromEntries(MEGABITS.map(mbit => [`mbit_${mbit}`, { gop: 2, bitrate: mbit * 1e6 }])),
    }),
  )
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const held = GROWTHS.flatMap(({ what, sizes, crowd }) =>
      sizes.map(async size => [what, size, await hold(upstream.origin, ours => crowd(ours, size))] as const),
    )
    const figures: Record<string, Record<number, Held>> = {}
    for (const [what, size, one] of await Promise.all(held)) figures[what] = { ...figures[what], [size]: one }
    rounds.push(figures)
  }
  return rounds
}

async function hold(upstream: string, watching: (ours: CamgateFront) => DrainOptions): Promise<Held> {
  await using opened = new Opened()
  const ours = await opened.add(camgate(upstream))
  await sleep(SETTLE_MS)
  forgetPeak(ours.pid)
  const options = watching(ours)
  const crowd = await opened.add(runDrain(options))
  await crowd.playing()
  await sleep(HOLD_SECONDS * 1000)
  const { peakMb, unreclaimableMb } = readProcess(ours.pid)
  const { open } = await crowd.look()
  if (open < options.viewers)
    throw new Error(`${options.viewers - open} of ${options.viewers} viewers were not served`)
  return { rssMb: peakMb, unreclaimableMb }
}

function kbForEachMore(held: readonly (readonly [size: string, Held])[]): number {
  return slope(held.map(([size, { rssMb }]) => ({ x: Number(size), y: rssMb }))) * 1024
}

function table({ what, sizes }: Growth, rounds: readonly Round[]): Table {
  const more = figure(rounds.map(round => kbForEachMore(Object.entries(round[what]!))))
  return {
    title: `By ${what}: ${digits(more.median)} kB of RSS for each one more`,
    columns: [what, 'peak RSS, MB', 'unreclaimable, MB'],
    rows: sizes.map(size => {
      const held = rounds.map(round => round[what]![size]!)
      return [
        String(size),
        print(figure(held.map(({ rssMb }) => rssMb))),
        print(figure(held.map(({ unreclaimableMb }) => unreclaimableMb))),
      ]
    }),
    note: `A server each, held for ${HOLD_SECONDS} s. What is promised over minutes: [memory.md](memory.md).`,
  }
}

function plot({ what, plot, sizes }: Growth, rounds: readonly Round[]): Plot[] {
  if (plot === undefined) return []
  const points = sizes.map(
    size => [size, figure(rounds.map(round => round[what]![size]!.rssMb)).median] as const,
  )
  return [
    {
      name: `memory-${plot}`,
      title: `Peak RSS by ${what}`,
      x: what,
      y: 'MB',
      lines: [{ name: 'camgate', points }],
    },
  ]
}
