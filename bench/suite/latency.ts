import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import { floor } from '../fronts/floor.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { type Drained, runDrain } from '../process/drain.ts'
import { BITRATE } from './cpu.ts'
import { digits, figure } from './figure.ts'
import type { Section, Target } from './section.ts'

/** How old each fragment is when a viewer has read its last byte. */
export const latency: Section = {
  title: 'Latency of a fragment',
  async run(quick) {
    const upstream = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
    const fronts = await Promise.all([
      camgate(upstream.origin),
      nginx({ upstream: upstream.origin }),
      floor(upstream.origin),
    ])
    const rounds: { name: string; viewers: number; ms: Drained['latencyMs']; missed: number }[] = []
    try {
      for (const viewers of quick ? [400] : [100, 400])
        for (let round = 0; round < (quick ? 1 : 3); round++)
          for (const front of fronts) {
            const crowd = runDrain({ urls: [front.websocket!('load')], viewers, marks: true })
            await crowd.playing()
            await sleep(1000)
            const before = await crowd.look()
            await sleep(quick ? 2000 : 4000)
            const after = await crowd.look()
            rounds.push({
              name: front.name,
              viewers,
              ms: after.latencyMs,
              missed: after.missed - before.missed,
            })
            await crowd.stop()
          }
    } finally {
      await Promise.all(fronts.map(front => front.stop()))
      await upstream.stop()
    }
    const of = (name: string, viewers: number, pick: (ms: Drained['latencyMs']) => number) =>
      figure(rounds.filter(one => one.name === name && one.viewers === viewers).map(({ ms }) => pick(ms)))
    const counts = [...new Set(rounds.map(({ viewers }) => viewers))]
    const targets: Target[] = counts.flatMap(viewers => [
      {
        what: `${viewers} viewers: a fragment's latency, p50`,
        figure: of('camgate', viewers, ms => ms.p50),
        is: 'at most',
        limit: 2,
        unit: 'ms',
      },
      {
        what: `${viewers} viewers: a fragment's latency, p99`,
        figure: of('camgate', viewers, ms => ms.p99),
        is: 'at most',
        limit: 15,
        unit: 'ms',
      },
    ])
    return {
      tables: [
        {
          title:
            'Milliseconds from the write of the upstream to the read of a viewer, WebSocket, medians of the rounds',
          columns: ['viewers', 'from', 'p50', 'p95', 'p99', 'max', 'fragments missed'],
          rows: counts.flatMap(viewers =>
            fronts.map(({ name }) => [
              String(viewers),
              name,
              ...(['p50', 'p95', 'p99', 'max'] as const).map(part =>
                digits(of(name, viewers, ms => ms[part]).median),
              ),
              String(
                rounds
                  .filter(one => one.name === name && one.viewers === viewers)
                  .reduce((sum, one) => sum + one.missed, 0),
              ),
            ]),
          ),
          note: 'One process reads for all viewers, and what it needs to get round is in the figures of each of them.',
        },
      ],
      targets,
      plots: [],
      raw: rounds,
    }
  },
}
