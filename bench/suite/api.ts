import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBundledMedia } from '../../demo/frigate/bundled-media.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'
import { sampleHousehold } from '../../demo/frigate/household.ts'
import { camgate } from '../fronts/camgate.ts'
import { runBare } from '../process/bare.ts'
import { cpuSeconds } from '../process/proc.ts'
import { askInOwnProcess, type RequestResults } from '../process/requests.ts'
import { digits, type Figure, figure, print } from './figure.ts'
import type { Section } from './section.ts'

/** Requests a second of the Flask server that this one replaces, and how many times as many are wanted. */
const FLASK = { '/health': 1050, '/api/auth/me': 460 }
const TIMES = 10
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

/** Requests a second, of one connection after another, beside a Fastify route that does nothing but answer. */
export const api: Section = {
  title: 'The API',
  async run(quick) {
    const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-frigate-'))
    const frigate = new Frigate({
      version: '0.16',
      household: sampleHousehold({ Front_Door: { zones: [] }, Driveway: { zones: [] } }),
      media: await writeBundledMedia(folder),
    })
    await frigate.start()
    const [ours, bare] = await Promise.all([
      camgate('http://127.0.0.1:9', { FRIGATE_HOST: frigate.origin }),
      runBare(),
    ])
    const headers = { authorization: `Bearer ${ours.server.token}` }
    const ask = async (pid: number, origin: string, path: string): Promise<Answered> => {
      const load = {
        origin,
        path,
        headers,
        connections: CONNECTIONS,
        ...(quick ? QUICK : path === ME ? WARM : LONG),
      }
      let before = 0
      const results = await askInOwnProcess(load, () => {
        before = cpuSeconds(pid)
      })
      const requests = results.perSecond * load.seconds
      return { ...results, cpuMicroseconds: ((cpuSeconds(pid) - before) / requests) * 1e6 }
    }
    const rounds: Record<string, Answered>[] = []
    try {
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        const results: Record<string, Answered> = { bare: await ask(bare.pid, bare.origin, ME) }
        for (const path of PATHS) results[path] = await ask(ours.pid, ours.server.origin, path)
        rounds.push(results)
      }
    } finally {
      await Promise.all([ours.stop(), bare.stop(), frigate.stop()])
      await rm(folder, { recursive: true, force: true })
    }
    const of = (name: string, pick: (one: Answered) => number): Figure =>
      figure(rounds.map(round => pick(round[name]!)))
    const perSecond = (one: Answered) => one.perSecond
    return {
      tables: [
        {
          title: `${CONNECTIONS} connections, each of which asks again when it is answered`,
          columns: [
            '',
            'requests a second',
            'CPU of each, µs',
            'p50, ms',
            'p99, ms',
            'failed',
            'the asking process, of a core',
          ],
          rows: ['bare', ...PATHS].map(name => [
            name === 'bare' ? 'bare Fastify route, as large as me' : name,
            ...[perSecond, cpu, p50, p99].map(pick => print(of(name, pick))),
            digits(of(name, one => one.failed).high),
            print(of(name, one => one.cpu)),
          ]),
          note: 'Plain sockets ask (`bench/load/requests.ts`): the asking process has to stay well under one core.',
        },
      ],
      targets: [
        ...Object.entries(FLASK).map(([path, flask]) => ({
          what: `${path}, to what Flask did (${flask} a second)`,
          figure: of(path, one => one.perSecond / flask),
          is: 'at least' as const,
          limit: TIMES,
          unit: '×',
        })),
        {
          what: '/api/auth/me, to a bare Fastify route',
          figure: figure(rounds.map(({ bare, [ME]: me }) => me!.perSecond / bare!.perSecond)),
          is: 'at least',
          limit: 0.5,
          unit: '×',
        },
      ],
      plots: [],
      raw: rounds,
    }
  },
}

const cpu = (one: Answered) => one.cpuMicroseconds
const p50 = (one: Answered) => one.p50Ms
const p99 = (one: Answered) => one.p99Ms
