import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBundledMedia } from '../../demo/frigate/bundled-media.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'
import { sampleHousehold } from '../../demo/frigate/household.ts'
import { camgate } from '../fronts/camgate.ts'
import { runBare } from '../process/bare.ts'
import { askInOwnProcess, type RequestResults } from '../process/requests.ts'
import { digits, type Figure, figure, print } from './figure.ts'
import type { Section } from './section.ts'

/** Requests a second of the Flask server that this one replaces, and how many times as many are wanted. */
const FLASK = { '/health': 1050, '/api/auth/me': 460 }
const TIMES = 10
const PATHS = ['/health', '/api/auth/me', '/api/cameras', '/api/events']
const CONNECTIONS = 20

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
    const ask = (origin: string, path: string, seconds: number) =>
      askInOwnProcess({ origin, path, headers, connections: CONNECTIONS, seconds })
    // The first round is for the compilers.
    const lengths = quick ? [0.5] : [5, 2, 2, 2]
    const rounds: Record<string, RequestResults>[] = []
    try {
      for (const [round, seconds] of lengths.entries()) {
        const results: Record<string, RequestResults> = {
          bare: await ask(bare.origin, '/api/auth/me', seconds),
        }
        for (const path of PATHS) results[path] = await ask(ours.server.origin, path, seconds)
        if (round > 0 || quick) rounds.push(results)
      }
    } finally {
      await Promise.all([ours.stop(), bare.stop(), frigate.stop()])
      await rm(folder, { recursive: true, force: true })
    }
    const of = (name: string, pick: (one: RequestResults) => number): Figure =>
      figure(rounds.map(round => pick(round[name]!)))
    const perSecond = (one: RequestResults) => one.perSecond
    const toBare = figure(rounds.map(round => round['/api/auth/me']!.perSecond / round.bare!.perSecond))
    return {
      tables: [
        {
          title: `${CONNECTIONS} connections, each of which asks again when it is answered`,
          columns: ['', 'requests a second', 'p50, ms', 'p99, ms', 'failed', 'the asking process, of a core'],
          rows: ['bare', ...PATHS].map(name => [
            name === 'bare' ? 'bare Fastify route, as large as me' : name,
            ...[perSecond, p50, p99].map(pick => print(of(name, pick))),
            digits(of(name, one => one.failed).high),
            print(of(name, one => one.cpu)),
          ]),
          note: 'Plain sockets ask (`bench/load/requests.ts`): the asking process has to stay well under one core.',
        },
      ],
      targets: [
        ...Object.entries(FLASK).map(([path, flask]) => ({
          what: `${path}, to what Flask did (${flask} a second)`,
          figure: figure(rounds.map(round => round[path]!.perSecond / flask)),
          is: 'at least' as const,
          limit: TIMES,
          unit: '×',
        })),
        {
          what: '/api/auth/me, to a bare Fastify route',
          figure: toBare,
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

const p50 = (one: RequestResults) => one.p50Ms
const p99 = (one: RequestResults) => one.p99Ms
