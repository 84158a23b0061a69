import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import type { Front } from '../fronts/front.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { runDrain } from '../process/drain.ts'
import { cpuSeconds, readProcess } from '../process/proc.ts'
import { digits, figure } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE } from './transports.ts'

const MOST_LATENCY_MS = 250
const COUNTS = [400, 800, 1500, 3400]
/** Who has no picture after so long, in milliseconds, is not served. */
const PATIENCE_MS = 10_000
/** So many are read for marks, the others are discarded in the kernel. */
const WATCHED = 40

/** Who comes where many more may come than there is room for, how often, and within how many seconds. */
const BEYOND = 4000
const TIMES = 2
const BEYOND_RAMP = 5

interface Edge {
  readonly served: number
  readonly peakMb: number
  readonly answer: number
}

interface Step {
  readonly viewers: number
  readonly p99Ms: number
  readonly missed: number
  readonly server: number
  readonly upstream: number
  readonly megabitsPerViewer: number
}

/** Viewers are added until some get their fragments late or not at all. */
export const limit: Section = {
  title: 'Viewers that one core serves',
  slow: true,
  async run() {
    const upstream = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
    const fronts = await Promise.all([
      camgate(upstream.origin, { LIVE_MAX_VIEWERS: '8000' }),
      nginx({ upstream: upstream.origin }),
    ])
    const edges: Edge[] = []
    const results: { name: string; steps: Step[]; served: number }[] = []
    try {
      for (const front of fronts) {
        const steps = await raise(front, upstream.pid)
        results.push({ name: front.name, steps, served: steps.filter(good).at(-1)?.viewers ?? 0 })
      }
      edges.push(...(await beyond(upstream.origin)))
    } finally {
      await Promise.all(fronts.map(front => front.stop()))
      await upstream.stop()
    }
    const [ours, theirs] = results.map(({ served }) => Math.max(served, COUNTS[0]!)) as [number, number]
    return {
      tables: [
        {
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
          rows: results.flatMap(({ name, steps }) =>
            steps.map(step => [
              name,
              String(step.viewers),
              ...[step.p99Ms, step.missed, step.server, step.upstream, step.megabitsPerViewer].map(known),
              good(step) ? '' : 'too many',
            ]),
          ),
          note: 'Upstream and readers share the machine with the server: for nginx, which needs an upstream connection for each viewer, that is part of the cost.',
        },
        {
          title: `Beyond: ${BEYOND} viewers within ${BEYOND_RAMP} s, LIVE_MAX_VIEWERS=${BEYOND * 2}, the heap of bin/start; then all go, and come again`,
          columns: ['time', 'served', 'refused', 'peak RSS, MB', 'status of /health meanwhile'],
          rows: edges.map(({ served, peakMb, answer }, time) => [
            String(time + 1),
            String(served),
            String(BEYOND - served),
            digits(peakMb),
            String(answer),
          ]),
        },
      ],
      targets: [
        {
          what: 'viewers served, to nginx',
          figure: figure([ours / theirs]),
          is: 'at least',
          limit: 2,
          unit: '×',
        },
        ...edges.map(({ answer }, time) => ({
          what: `status of /health beside ${BEYOND} viewers, time ${time + 1}`,
          figure: figure([answer]),
          is: 'at most' as const,
          limit: 200,
          unit: '',
        })),
      ],
      plots: [],
      raw: { results, edges },
    }
  },
}

/** Some of them have no picture yet, and nothing is known of the others. */
const UNSERVED = {
  p99Ms: Number.POSITIVE_INFINITY,
  missed: Number.NaN,
  server: Number.NaN,
  upstream: Number.NaN,
  megabitsPerViewer: Number.NaN,
}

const good = ({ p99Ms, missed, megabitsPerViewer }: Step) =>
  p99Ms <= MOST_LATENCY_MS && missed === 0 && megabitsPerViewer > (BITRATE / 1e6) * 0.9

async function raise(front: Front, upstreamPid: number): Promise<Step[]> {
  const urls = [front.websocket!('load')]
  const watched = runDrain({ urls, viewers: WATCHED, marks: true })
  const crowds = [watched]
  const steps: Step[] = []
  try {
    await watched.playing()
    let viewers = WATCHED
    for (const next of COUNTS) {
      const crowd = runDrain({ urls, viewers: next - viewers, ramp: 1 })
      crowds.push(crowd)
      viewers = next
      if (!(await within(PATIENCE_MS, crowd.playing()))) {
        steps.push({ ...UNSERVED, viewers })
        break
      }
      await sleep(1500)
      const step = await look(front.pid, upstreamPid, crowds, viewers)
      steps.push(step)
      if (!good(step)) break
    }
  } finally {
    await Promise.all(crowds.map(crowd => crowd.stop()))
  }
  return steps
}

const known = (value: number) => (Number.isFinite(value) ? digits(value) : '–')

/** Whether it comes in time. */
async function within(ms: number, coming: Promise<unknown>): Promise<boolean> {
  coming.catch(() => {})
  return Promise.race([coming.then(() => true), sleep(ms, false, { ref: false })])
}

/** Whether a server that lets in more than it has memory for refuses, or dies. */
async function beyond(upstream: string): Promise<Edge[]> {
  const ours = await camgate(upstream, { LIVE_MAX_VIEWERS: String(BEYOND * 2) })
  const edges: Edge[] = []
  try {
    for (let time = 0; time < TIMES; time++) {
      const crowd = runDrain({ urls: [ours.websocket!('load')], viewers: BEYOND, ramp: BEYOND_RAMP })
      await crowd.playing()
      const { status } = await fetch(`${ours.server.origin}/health`)
      const { open } = await crowd.look()
      edges.push({ served: open, peakMb: readProcess(ours.pid).peakMb, answer: status })
      await crowd.stop()
    }
  } finally {
    await ours.stop()
  }
  return edges
}

async function look(
  pid: number,
  upstreamPid: number,
  crowds: readonly ReturnType<typeof runDrain>[],
  viewers: number,
): Promise<Step> {
  const looks = async () => Promise.all(crowds.map(crowd => crowd.look()))
  const used = () => [cpuSeconds(pid), cpuSeconds(upstreamPid)] as const
  const [before, usedBefore] = [await looks(), used()]
  await sleep(2000)
  const [after, usedAfter] = [await looks(), used()]
  const seconds = after[0]!.at - before[0]!.at
  const sum = (all: typeof before) => all.reduce((total, { bytes }) => total + bytes, 0)
  return {
    viewers,
    p99Ms: after[0]!.latencyMs.p99,
    missed: after[0]!.missed - before[0]!.missed,
    server: (usedAfter[0] - usedBefore[0]) / seconds,
    upstream: (usedAfter[1] - usedBefore[1]) / seconds,
    megabitsPerViewer: ((sum(after) - sum(before)) * 8) / 1e6 / seconds / viewers,
  }
}
