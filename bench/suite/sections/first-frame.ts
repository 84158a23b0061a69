import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { camgate } from '../../fronts/camgate.ts'
import { go2rtcPaths } from '../../fronts/front.ts'
import { type Percentiles, runDrain } from '../../process/drain.ts'
import { Opened } from '../../process/opened.ts'
import { BITRATE, TRANSPORT_NAMES, type Transport } from '../contest/transports.ts'
import { digits, figure } from '../page/figure.ts'
import type { Target } from '../page/verdict.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const CAMGATE = 'camgate'
const DIRECT = 'direct'

/** What is joined; straight from the upstream as well where a GOP is not too long to wait for. */
interface Case {
  readonly transport: Transport
  /** In seconds. */
  readonly gop: number
}

const CASES: readonly Case[] = [
  { transport: 'websocket', gop: 2 },
  { transport: 'mp4', gop: 2 },
  { transport: 'websocket', gop: 10 },
]
const COMPARED_GOP = 2
const JOINS = 100
const RAMP_SECONDS = 3

/** Milliseconds by case and by who is joined. */
type Round = Readonly<Record<string, Readonly<Record<string, Percentiles>>>>

const nameOf = ({ transport, gop }: Case) => `${TRANSPORT_NAMES[transport]}, GOP ${gop} s`

/** From the beginning of the connection to the last byte of the first sync sample, one viewer being there already. */
export const firstFrame = section<Round>({
  title: 'Time to the first decodable frame',
  targets: plan => casesOf(plan).flatMap(targetsOf),
  measure,
  tables: rounds => [
    {
      title: 'Milliseconds from connecting to the first decodable frame, medians of the rounds',
      columns: ['', 'from', 'p50', 'p95', 'p99', 'max'],
      rows: Object.entries(rounds[0]!).flatMap(([name, from]) =>
        Object.keys(from).map(who => [
          name,
          who,
          ...(['p50', 'p95', 'p99', 'max'] as const).map(part =>
            digits(figure(rounds.map(round => round[name]![who]![part])).median),
          ),
        ]),
      ),
      note: `${JOINS} joins a round, spread evenly over ${RAMP_SECONDS} seconds; another viewer is there already. Direct: straight from the upstream, which waits for the next keyframe as go2rtc does.`,
    },
  ],
})

function casesOf({ quick }: Plan): readonly Case[] {
  return quick ? CASES.slice(0, 1) : CASES
}

function targetsOf(one: Case): Target<Round>[] {
  const name = nameOf(one)
  const soon: Target<Round> = {
    what: `${name}: first frame, p95`,
    is: 'at most',
    limit: 50,
    unit: 'ms',
    of: round => round[name]![CAMGATE]!.p95,
  }
  const sooner: Target<Round> = {
    what: `${name}: times sooner than direct, p50`,
    is: 'at least',
    limit: 20,
    unit: '×',
    of: round => round[name]![DIRECT]!.p50 / round[name]![CAMGATE]!.p50,
  }
  return one.gop === COMPARED_GOP ? [soon, sooner] : [soon]
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const cameras = Object.fromEntries(
    casesOf(plan).map(({ gop }) => [`gop_${gop}`, { gop, bitrate: BITRATE }]),
  )
  const upstream = await opened.add(runCameras(cameras))
  const ours = await opened.add(camgate(upstream.origin))
  const direct = { name: DIRECT, ...go2rtcPaths(upstream.origin) }
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const measured: Record<string, Record<string, Percentiles>> = {}
    for (const one of casesOf(plan)) {
      const froms = one.gop === COMPARED_GOP ? [ours, direct] : [ours]
      const joined = await Promise.all(
        froms.map(
          async from => [from.name, await join(from[one.transport]!(`gop_${one.gop}`), one)] as const,
        ),
      )
      measured[nameOf(one)] = Object.fromEntries(joined)
    }
    rounds.push(measured)
  }
  return rounds
}

async function join(url: string, { gop }: Case): Promise<Percentiles> {
  await using opened = new Opened()
  const warm = await opened.add(runDrain({ urls: [url], viewers: 1 }))
  await warm.playing()
  // So that the kept GOP is as long as it gets at any time.
  await sleep(gop * 500)
  const options = { urls: [url], viewers: JOINS, ramp: RAMP_SECONDS, marks: true }
  const crowd = await opened.add(runDrain(options))
  await crowd.playing()
  const { open, firstFrameMs } = await crowd.look()
  if (open < JOINS) throw new Error(`${JOINS - open} of ${JOINS} viewers were not served`)
  return firstFrameMs
}
