import { setTimeout as sleep } from 'node:timers/promises'
import { floor } from '../fronts/floor.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { type Percentiles, runDrain } from '../process/drain.ts'
import { digits, figure } from './figure.ts'
import type { Section, Target } from './section.ts'
import { BITRATE } from './transports.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

const KINDS = ['all', 'pictures', 'sound'] as const
/** Whose fragments are read and looked at. They join among the others, whose bytes another process discards. */
const WATCHED = 20
const RAMP = 0.5
type Kind = (typeof KINDS)[number]

type Round = Readonly<Record<Kind, Percentiles>> & {
  readonly name: string
  readonly viewers: number
  readonly missed: number
}

/** How old each fragment is when a viewer has read its last byte. */
export const latency: Section = {
  title: 'Latency of a fragment',
  async run(quick) {
    const upstream = await runCameras({ load: { gop: 2, bitrate: BITRATE }, ...WARM_CAMERAS })
    const fronts = await Promise.all([
      warmCamgate(upstream.origin, ['websocket'], quick),
      nginx({ upstream: upstream.origin }),
      floor(upstream.origin),
    ])
    const taking = quick ? fronts.slice(0, 1) : fronts
    const rounds: Round[] = []
    try {
      for (const viewers of quick ? [400] : [100, 400])
        for (let round = 0; round < (quick ? 1 : 2); round++)
          for (const front of taking) {
            const urls = [front.websocket!('load')]
            const crowd = runDrain({ urls, viewers: WATCHED, ramp: RAMP, marks: true })
            const others = runDrain({ urls, viewers: viewers - WATCHED, ramp: RAMP })
            await Promise.all([crowd.playing(), others.playing()])
            await sleep(700)
            const before = await crowd.look()
            await sleep(quick ? 2000 : 2500)
            const after = await crowd.look()
            rounds.push({
              name: front.name,
              viewers,
              all: after.latencyMs,
              pictures: after.pictureMs,
              sound: after.soundMs,
              missed: after.missed - before.missed,
            })
            await Promise.all([crowd.stop(), others.stop()])
          }
    } finally {
      await Promise.all(fronts.map(front => front.stop()))
      await upstream.stop()
    }
    const of = (name: string, viewers: number, part: keyof Percentiles, kind: Kind = 'all') =>
      figure(rounds.filter(one => one.name === name && one.viewers === viewers).map(one => one[kind][part]))
    const missed = (name: string, viewers: number) =>
      rounds
        .filter(one => one.name === name && one.viewers === viewers)
        .reduce((sum, one) => sum + one.missed, 0)
    const counts = [...new Set(rounds.map(({ viewers }) => viewers))]
    const targets: Target[] = counts.flatMap(viewers =>
      [['p50', 2] as const, ['p99', 15] as const].map(([part, limit]) => ({
        what: `${viewers} viewers: a fragment's latency, ${part}`,
        figure: of('camgate', viewers, part),
        is: 'at most' as const,
        limit,
        unit: 'ms',
      })),
    )
    return {
      tables: [
        {
          title:
            'Milliseconds from the write of the upstream to the read of a viewer, WebSocket, medians of the rounds',
          columns: ['viewers', 'from', 'of', 'p50', 'p95', 'p99', 'max', 'missed'],
          rows: counts.flatMap(viewers =>
            taking.flatMap(({ name }) =>
              KINDS.map(kind => [
                String(viewers),
                name,
                kind,
                ...(['p50', 'p95', 'p99', 'max'] as const).map(part =>
                  digits(of(name, viewers, part, kind).median),
                ),
                kind === 'all' ? String(missed(name, viewers)) : '',
              ]),
            ),
          ),
          note: `${WATCHED} viewers, evenly among the others, are read by a process of their own, and what it needs to get round is in the figures of each of them. The bytes of the others are discarded by another.`,
        },
      ],
      targets,
      plots: [],
      raw: rounds,
    }
  },
}
