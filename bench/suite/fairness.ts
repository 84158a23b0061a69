import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import { runCameras } from '../process/camera.ts'
import { runDrain } from '../process/drain.ts'
import { askInOwnProcess } from '../process/requests.ts'
import { digits, figure, print } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE } from './transports.ts'

const VIEWERS = 400
const STALLED = 40

/** Whether many viewers, and such as do not read, are felt by others. */
export const fairness: Section = {
  title: `The API and the others beside ${VIEWERS} viewers, ${STALLED} of them stalled`,
  async run(quick) {
    const upstream = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
    const ours = await camgate(upstream.origin)
    const rounds: { p50: number; p99: number; failed: number; missed: number; reader: number }[] = []
    try {
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        const urls = [ours.websocket!('load')]
        const crowd = runDrain({ urls, viewers: VIEWERS, stalled: STALLED, marks: true })
        await crowd.playing()
        await sleep(1500)
        const before = await crowd.look()
        const asked = await askInOwnProcess({
          origin: ours.server.origin,
          path: '/api/auth/me',
          headers: { authorization: `Bearer ${ours.server.token}` },
          connections: 10,
          rate: 100,
          seconds: quick ? 3 : 8,
        })
        const after = await crowd.look()
        rounds.push({
          p50: asked.p50Ms,
          p99: asked.p99Ms,
          failed: asked.failed,
          missed: after.missed - before.missed,
          reader: asked.cpu,
        })
        await crowd.stop()
      }
    } finally {
      await ours.stop()
      await upstream.stop()
    }
    const of = (pick: (round: (typeof rounds)[number]) => number) => figure(rounds.map(pick))
    return {
      tables: [
        {
          title: '100 requests a second of /api/auth/me meanwhile, WebSocket viewers of one camera',
          columns: [
            'p50, ms',
            'p99, ms',
            'failed',
            'fragments that healthy viewers missed',
            'the asking process, of a core',
          ],
          rows: [
            [
              print(of(one => one.p50)),
              print(of(one => one.p99)),
              digits(of(one => one.failed).high),
              digits(of(one => one.missed).high),
              print(of(one => one.reader)),
            ],
          ],
        },
      ],
      targets: [
        {
          what: 'API beside 400 viewers, p99',
          figure: of(one => one.p99),
          is: 'at most',
          limit: 10,
          unit: 'ms',
        },
        {
          what: 'fragments that healthy viewers miss beside stalled ones',
          figure: figure([of(one => one.missed).high]),
          is: 'at most',
          limit: 0,
          unit: '',
        },
      ],
      plots: [],
      raw: rounds,
    }
  },
}
