import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBundledMedia } from '../../../demo/frigate/bundled-media.ts'
import { Frigate } from '../../../demo/frigate/frigate.ts'
import { sampleHousehold } from '../../../demo/frigate/household.ts'
import { runBare } from '../../fronts/bare.ts'
import { camgate } from '../../fronts/camgate.ts'
import { Opened } from '../../process/opened.ts'
import { cpuSeconds } from '../../process/proc.ts'
import { askInOwnProcess, type RequestResults } from '../../process/requests.ts'
import { figure, print } from '../page/figure.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

/** Requests a second of the Flask server that this one replaces, read elsewhere, and how many times as many are wanted. */
const FLASK = { '/health': 1050, '/api/auth/me': 460 }
const TIMES = 10
const BARE = 'bare Fastify route, as large as me'
const ME = '/api/auth/me'
const PATHS = [ME, '/health', '/api/cameras', '/api/events']
const CONNECTIONS = 20
/**
 * V8 optimises what it has seen 20,000 times, and other routes in between make it begin again: for what is compared with a route that does
 * nothing else, that is waited for.
 */
const WARM = { after: 4, seconds: 1.5 }
const LONG = { after: 1, seconds: 1.5 }
const QUICK = { after: 0, seconds: 0.5 }

/** With the CPU that the serving process used for each, in microseconds. */
interface Answered extends RequestResults {
  readonly cpuMicroseconds: number
}

/** By path, and for the bare route. */
type Round = Readonly<Record<string, Answered>>

/** Requests a second, of one connection after another, beside a Fastify route that does nothing but answer. */
export const api = section<Round>({
  title: 'The API',
  targets: () => [
    ...Object.entries(FLASK).map(([path, flask]) => ({
      what: `${path}, to the ${flask} a second that Flask is said to have done (read elsewhere, not measured here)`,
      is: 'at least' as const,
      limit: TIMES,
      unit: '×',
      of: (round: Round) => round[path]!.perSecond / flask,
    })),
    {
      what: `${ME}, to a bare Fastify route`,
      is: 'at least',
      limit: 0.5,
      unit: '×',
      of: round => round[ME]!.perSecond / round[BARE]!.perSecond,
    },
  ],
  measure,
  tables: rounds => [
    {
      title: `${CONNECTIONS} connections, each of which asks again when it is answered`,
      columns: [
        '',
        'requests a second',
        'CPU of each, µs',
        'p50, ms',
        'p99, ms',
        'the asking process, of a core',
      ],
      rows: [BARE, ...PATHS].map(name => {
        const of = (pick: (one: Answered) => number) => print(figure(rounds.map(round => pick(round[name]!))))
        return [
          name,
          of(({ perSecond }) => perSecond),
          of(({ cpuMicroseconds }) => cpuMicroseconds),
          of(({ p50Ms }) => p50Ms),
          of(({ p99Ms }) => p99Ms),
          of(({ cpu }) => cpu),
        ]
      }),
      note: 'Plain sockets ask (`bench/load/requests.ts`): the asking process has to stay well under one core. Every answer is a 200.',
    },
  ],
})

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-frigate-'))
  await opened.add({ stop: () => rm(folder, { recursive: true, force: true }) })
  const frigate = new Frigate({
    version: '0.16',
    household: sampleHousehold({ Front_Door: { zones: [] }, Driveway: { zones: [] } }),
    media: await writeBundledMedia(folder),
  })
  await frigate.start()
  await opened.add(frigate)
  const [ours, bare] = await Promise.all([
    opened.add(camgate('http://127.0.0.1:9', { FRIGATE_HOST: frigate.origin })),
    opened.add(runBare()),
  ])
  const headers = { authorization: `Bearer ${ours.server.token}` }
  const ask = async (pid: number, origin: string, path: string): Promise<Answered> => {
    const times = plan.quick ? QUICK : path === ME ? WARM : LONG
    let before = 0
    const results = await askInOwnProcess(
      { origin, path, headers, connections: CONNECTIONS, ...times },
      () => {
        before = cpuSeconds(pid)
      },
    )
    const requests = results.perSecond * times.seconds
    return { ...results, cpuMicroseconds: ((cpuSeconds(pid) - before) / requests) * 1e6 }
  }
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const answered: Record<string, Answered> = { [BARE]: await ask(bare.pid, bare.origin, ME) }
    for (const path of PATHS) answered[path] = await ask(ours.pid, ours.server.origin, path)
    rounds.push(answered)
  }
  return rounds
}
