import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { type CamgateFront, camgate } from '../../fronts/camgate.ts'
import type { Front } from '../../fronts/front.ts'
import { nginx } from '../../fronts/nginx.ts'
import { type Drained, runDrain } from '../../process/drain.ts'
import { Opened } from '../../process/opened.ts'
import { cpuSeconds, forgetPeak, readProcess } from '../../process/proc.ts'
import { BITRATE } from '../contest/transports.ts'
import { digits, figure, print } from '../page/figure.ts'
import type { Table } from '../page/print.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const MOST_LATENCY_MS = 250
const COUNTS = [400, 800, 1500, 3400]
/** Who has no picture after so long, in milliseconds, is not served. */
const PATIENCE_MS = 10_000
/** So many are read for marks, the others are discarded in the kernel. */
const WATCHED = 40
const SETTLE_MS = 1500
const LOOK_MS = 2000

/** Who come where many more may come than there is room for, and within how many seconds. */
const BEYOND = 4000
const BEYOND_RAMP = 5
/** Nobody is refused for their number. */
const OPEN = { LIVE_MAX_VIEWERS: String(BEYOND * 2), MAX_CONNECTIONS: String(BEYOND * 2) }

interface Look {
  readonly p99Ms: number
  readonly missed: number
  /** Of a core. */
  readonly server: number
  readonly upstream: number
  readonly megabitsEach: number
}

interface Edge {
  readonly served: number
  /** `undefined`: the server has ended. */
  readonly peakMb: number | undefined
  /** Of `/health`; 0 for none. */
  readonly status: number
}

/** By who serves and how many watch; whom it could not serve is not in it. */
type Served = Readonly<Record<string, Readonly<Record<number, Look>>>>

interface Round {
  readonly served: Served
  readonly beyond: Edge
}

/** Viewers are added until some get their fragments late or not at all. */
export const limit = section<Round>({
  title: 'Viewers that one core serves',
  slow: true,
  targets: () => [
    {
      what: 'viewers served, to nginx',
      is: 'at least',
      limit: 2,
      unit: '×',
      of: ({ served }) => mostServed(served.camgate) / mostServed(served.nginx),
    },
    {
      what: `/health beside ${BEYOND} viewers: an answer other than 200`,
      is: 'at most',
      limit: 0,
      unit: '',
      worst: true,
      of: ({ beyond }) => (beyond.status === 200 ? 0 : 1),
    },
  ],
  measure,
  tables: rounds => [stepTable(rounds), edgeTable(rounds.map(({ beyond }) => beyond))],
})

/** None of the steps is skipped, and the first is one that everybody serves. */
function mostServed(looks: Readonly<Record<number, Look>> = {}): number {
  return Math.max(...COUNTS.filter(viewers => looks[viewers] && isGood(looks[viewers])))
}

function isGood({ p99Ms, missed, megabitsEach }: Look): boolean {
  return p99Ms <= MOST_LATENCY_MS && missed === 0 && megabitsEach > (BITRATE / 1e6) * 0.9
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const upstream = await opened.add(runCameras({ load: { gop: 2, bitrate: BITRATE } }))
  const fronts = [await opened.add(camgate(upstream.origin, OPEN)), await opened.add(nginx(upstream.origin))]
  const served = Array.from({ length: plan.rounds }, () => ({}) as Record<string, Record<number, Look>>)
  for (const front of fronts)
    for (const [viewers, looks] of await raise(front, upstream.pid, plan.rounds))
      for (const [round, look] of looks.entries())
        served[round]![front.name] = { ...served[round]![front.name], [viewers]: look }
  const edges = await beyond(upstream.origin, plan.rounds)
  return served.map((one, round) => ({ served: one, beyond: edges[round]! }))
}

/** The looks at each number of viewers, up to the first that it does not serve. */
async function raise(front: Front, upstreamPid: number, rounds: number): Promise<Map<number, Look[]>> {
  await using opened = new Opened()
  const urls = [front.websocket!('load')]
  const crowds = [await opened.add(runDrain({ urls, viewers: WATCHED, marks: true }))]
  await crowds[0]!.playing()
  const steps = new Map<number, Look[]>()
  let viewers = WATCHED
  for (const next of COUNTS) {
    const crowd = await opened.add(runDrain({ urls, viewers: next - viewers, ramp: 1 }))
    crowds.push(crowd)
    viewers = next
    if (!(await everybodyPlays(crowd))) break
    await sleep(SETTLE_MS)
    const looks = await look(front.pid, upstreamPid, crowds, { viewers, rounds })
    steps.set(viewers, looks)
    if (!looks.every(isGood)) break
  }
  return steps
}

async function look(
  pid: number,
  upstreamPid: number,
  crowds: readonly ReturnType<typeof runDrain>[],
  { viewers, rounds }: { readonly viewers: number; readonly rounds: number },
): Promise<Look[]> {
  const read = async () => ({
    drained: await Promise.all(crowds.map(crowd => crowd.look())),
    cpu: [cpuSeconds(pid), cpuSeconds(upstreamPid)] as const,
  })
  const bytes = (drained: readonly Drained[]) => drained.reduce((total, one) => total + one.bytes, 0)
  const looks: Look[] = []
  let before = await read()
  for (let round = 0; round < rounds; round++) {
    await sleep(LOOK_MS)
    const after = await read()
    const [watched, previous] = [after.drained[0]!, before.drained[0]!]
    const seconds = watched.at - previous.at
    looks.push({
      p99Ms: watched.latencyMs.p99,
      missed: watched.missed - previous.missed,
      server: (after.cpu[0] - before.cpu[0]) / seconds,
      upstream: (after.cpu[1] - before.cpu[1]) / seconds,
      megabitsEach: ((bytes(after.drained) - bytes(before.drained)) * 8) / 1e6 / seconds / viewers,
    })
    before = after
  }
  return looks
}

/** Whether each has a picture in time, or is over. */
function everybodyPlays(crowd: ReturnType<typeof runDrain>): Promise<boolean> {
  return crowd.playing(PATIENCE_MS).then(
    () => true,
    () => false,
  )
}

/** Whether a server that lets in more than it has memory for refuses, or dies: they come, go, and come again. */
async function beyond(upstream: string, rounds: number): Promise<Edge[]> {
  await using opened = new Opened()
  let ours = await opened.add(camgate(upstream, OPEN))
  const edges: Edge[] = []
  for (let round = 0; round < rounds; round++) {
    const edge = await come(ours)
    edges.push(edge)
    if (edge.peakMb === undefined) ours = await opened.add(camgate(upstream, OPEN))
  }
  return edges
}

async function come({ pid, server, websocket }: CamgateFront): Promise<Edge> {
  await using opened = new Opened()
  forgetPeak(pid)
  const crowd = await opened.add(runDrain({ urls: [websocket!('load')], viewers: BEYOND, ramp: BEYOND_RAMP }))
  // Who is refused by a message stays connected, and has no picture.
  await everybodyPlays(crowd)
  const status = await fetch(`${server.origin}/health`).then(
    reply => reply.status,
    () => 0,
  )
  if (status === 0) return { served: 0, peakMb: undefined, status }
  const { started } = await crowd.look()
  return { served: started, peakMb: readProcess(pid).peakMb, status }
}

function stepTable(rounds: readonly Round[]): Table {
  const names = Object.keys(rounds[0]!.served)
  const looksOf = (name: string, viewers: number) =>
    rounds.flatMap(({ served }) => served[name]![viewers] ?? [])
  return {
    title: `Raised until p99 > ${MOST_LATENCY_MS} ms, a fragment is missed or somebody has no picture after ${PATIENCE_MS / 1000} s`,
    columns: [
      'from',
      'viewers',
      'p99, ms',
      'missed',
      'serving process, of a core',
      'upstream',
      'Mbit/s each',
      '',
    ],
    rows: names.flatMap(name => {
      const reached = COUNTS.filter(viewers => looksOf(name, viewers).length > 0)
      const rows = reached.map(viewers => stepRow(name, viewers, looksOf(name, viewers)))
      const next = COUNTS[reached.length]
      const unserved = looksOf(name, reached.at(-1)!).every(isGood) && next !== undefined
      return unserved ? [...rows, [name, String(next), ...Array<string>(5).fill('–'), 'too many']] : rows
    }),
    note: 'Upstream and readers share the machine with the server: for nginx, which needs an upstream connection for each viewer, that is part of the cost.',
  }
}

function stepRow(name: string, viewers: number, looks: readonly Look[]): string[] {
  const of = (pick: (look: Look) => number) => print(figure(looks.map(pick)))
  return [
    name,
    String(viewers),
    of(({ p99Ms }) => p99Ms),
    digits(figure(looks.map(({ missed }) => missed)).high),
    of(({ server }) => server),
    of(({ upstream }) => upstream),
    of(({ megabitsEach }) => megabitsEach),
    looks.every(isGood) ? '' : 'too many',
  ]
}

function edgeTable(edges: readonly Edge[]): Table {
  return {
    title: `Beyond: ${BEYOND} viewers within ${BEYOND_RAMP} s, LIVE_MAX_VIEWERS and MAX_CONNECTIONS ${BEYOND * 2}, the heap of bin/start; then all go, and come again`,
    columns: ['time', 'served', 'refused', 'peak RSS, MB', 'status of /health meanwhile'],
    rows: edges.map(({ served, peakMb, status }, time) => [
      String(time + 1),
      String(served),
      String(BEYOND - served),
      peakMb === undefined ? '–' : digits(peakMb),
      status === 0 ? '**it has ended**' : String(status),
    ]),
  }
}
