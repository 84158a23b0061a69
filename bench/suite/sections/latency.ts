import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { floor } from '../../fronts/floor.ts'
import type { Front } from '../../fronts/front.ts'
import { nginx } from '../../fronts/nginx.ts'
import { type Drained, type Percentiles, runDrain } from '../../process/drain.ts'
import { Opened } from '../../process/opened.ts'
import { BITRATE } from '../contest/transports.ts'
import { WARM_CAMERAS, warmCamgate } from '../contest/warm-up.ts'
import { digits, figure } from '../page/figure.ts'
import type { Target } from '../page/verdict.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const CAMGATE = 'camgate'
const KINDS = { all: 'latencyMs', pictures: 'pictureMs', sound: 'soundMs' } as const
/** Whose fragments are read and looked at. They join among the others, whose bytes another process discards. */
const WATCHED = 20
const RAMP_SECONDS = 0.5
const SETTLE_MS = 1500
const LOOK_MS = 2500
const LIMITS = [
  ['p50', 25],
  ['p99', 60],
] as const

type Look = Pick<Drained, 'latencyMs' | 'pictureMs' | 'soundMs' | 'missed'>
/** By number of viewers and who serves them. */
type Round = Readonly<Record<number, Readonly<Record<string, Look>>>>

/** How old each fragment is when a viewer has read its last byte. */
export const latency = section<Round>({
  title: 'Latency of a fragment',
  targets: plan => countsOf(plan).flatMap(targetsOf),
  measure,
  tables: rounds => [
    {
      title:
        'Milliseconds from the write of the upstream to the read of a viewer, WebSocket, medians of the rounds',
      columns: ['viewers', 'from', 'of', 'p50', 'p95', 'p99', 'max', 'missed'],
      rows: Object.entries(rounds[0]!).flatMap(([viewers, from]) =>
        Object.keys(from).flatMap(name =>
          rowsOf(rounds.map(round => round[Number(viewers)]![name]!)).map(row => [viewers, name, ...row]),
        ),
      ),
      note: `${WATCHED} viewers, evenly among the others, are read by a process of their own, and what it needs to get round is in the figures of each of them. The bytes of the others are discarded by another.`,
    },
  ],
})

function countsOf({ quick }: Plan): number[] {
  return quick ? [100] : [100, 400]
}

function targetsOf(viewers: number): Target<Round>[] {
  return LIMITS.map(([part, limit]) => ({
    what: `${viewers} viewers: what camgate adds to a fragment's age, ${part}`,
    is: 'at most',
    limit,
    unit: 'ms',
    of: round => round[viewers]![CAMGATE]!.latencyMs[part],
  }))
}

function rowsOf(looks: readonly Look[]): string[][] {
  return Object.entries(KINDS).map(([kind, of]) => [
    kind,
    ...(['p50', 'p95', 'p99', 'max'] as const satisfies (keyof Percentiles)[]).map(part =>
      digits(figure(looks.map(look => look[of][part])).median),
    ),
    kind === 'all' ? String(looks.reduce((sum, { missed }) => sum + missed, 0)) : '',
  ])
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const upstream = await opened.add(runCameras({ load: { gop: 2, bitrate: BITRATE }, ...WARM_CAMERAS }))
  const fronts = await Promise.all([
    opened.add(warmCamgate(upstream.origin, ['websocket'], plan.quick)),
    opened.add(nginx(upstream.origin)),
    opened.add(floor(upstream.origin)),
  ])
  const rounds = Array.from({ length: plan.rounds }, () => ({}) as Record<number, Record<string, Look>>)
  for (const viewers of countsOf(plan))
    for (const front of fronts)
      for (const [round, look] of (await looksAt(front, viewers, plan)).entries())
        rounds[round]![viewers] = { ...rounds[round]![viewers], [front.name]: look }
  return rounds
}

async function looksAt(front: Front, viewers: number, { rounds }: Plan): Promise<Look[]> {
  await using opened = new Opened()
  const urls = [front.websocket!('load')]
  const crowd = runDrain({ urls, viewers: WATCHED, ramp: RAMP_SECONDS, marks: true })
  const others = runDrain({ urls, viewers: viewers - WATCHED, ramp: RAMP_SECONDS })
  for (const one of [crowd, others]) await opened.add(one)
  await Promise.all([crowd.playing(), others.playing()])
  await sleep(SETTLE_MS)
  const looks: Look[] = []
  let { missed } = await crowd.look()
  for (let round = 0; round < rounds; round++) {
    await sleep(LOOK_MS)
    const [seen, { open }] = await Promise.all([crowd.look(), others.look()])
    if (seen.open + open < viewers)
      throw new Error(`${front.name} serves ${seen.open + open} of ${viewers} viewers`)
    looks.push({ ...seen, missed: seen.missed - missed })
    missed = seen.missed
  }
  return looks
}
