import { setTimeout as sleep } from 'node:timers/promises'
import { camgate } from '../fronts/camgate.ts'
import { go2rtcPaths } from '../fronts/front.ts'
import { runCameras } from '../process/camera.ts'
import { type Drained, runDrain } from '../process/drain.ts'
import { digits, figure } from './figure.ts'
import type { Section, Target } from './section.ts'
import { BITRATE, TRANSPORT_NAMES, TRANSPORTS } from './transports.ts'

const GOPS = [1, 2, 10]

/** From the beginning of the connection to the last byte of the first sync sample, one viewer being there already. */
export const firstFrame: Section = {
  title: 'Time to the first decodable frame',
  async run(quick) {
    const gops = quick ? [2] : GOPS
    const cameraOf = (gop: number) => `gop_${gop}`
    const upstream = await runCameras(
      Object.fromEntries(gops.map(gop => [cameraOf(gop), { gop, bitrate: BITRATE }])),
    )
    const ours = await camgate(upstream.origin)
    const direct = { name: 'direct', ...go2rtcPaths(upstream.origin) }
    const measured: { transport: string; gop: number; name: string; ms: Drained['firstFrameMs'] }[] = []
    try {
      for (const gop of gops)
        for (const transport of gop === 2 && !quick ? TRANSPORTS : (['websocket'] as const))
          for (const { name, [transport]: address } of [ours, direct]) {
            const url = address!(cameraOf(gop))
            const warm = runDrain({ urls: [url], viewers: 1 })
            await warm.playing()
            // So that the kept GOP is as long as it gets at any time.
            await sleep(gop * 500)
            const crowd = runDrain({
              urls: [url],
              viewers: quick ? 40 : 100,
              ramp: quick ? 2 : 3,
              marks: true,
            })
            await crowd.playing()
            measured.push({
              transport: TRANSPORT_NAMES[transport],
              gop,
              name,
              ms: (await crowd.look()).firstFrameMs,
            })
            await Promise.all([crowd.stop(), warm.stop()])
          }
    } finally {
      await ours.stop()
      await upstream.stop()
    }
    const find = (transport: string, gop: number, name: string) =>
      measured.find(one => one.transport === transport && one.gop === gop && one.name === name)?.ms
    const targets: Target[] = measured
      .filter(({ name }) => name === ours.name)
      .flatMap(({ transport, gop, ms }) => {
        const soon: Target = {
          what: `${transport}, GOP ${gop} s: first frame, p95`,
          figure: figure([ms.p95]),
          is: 'at most',
          limit: 50,
          unit: 'ms',
        }
        const sooner: Target = {
          what: `${transport}, GOP ${gop} s: times sooner than direct, p50`,
          figure: figure([find(transport, gop, 'direct')!.p50 / ms.p50]),
          is: 'at least',
          limit: 20,
          unit: '×',
        }
        return gop === 2 ? [soon, sooner] : [soon]
      })
    return {
      tables: [
        {
          title: 'Milliseconds from connecting to the first decodable frame',
          columns: ['transport', 'GOP', 'from', 'p50', 'p95', 'p99', 'max'],
          rows: measured.map(({ transport, gop, name, ms }) => [
            transport,
            `${gop} s`,
            name,
            ...[ms.p50, ms.p95, ms.p99, ms.max].map(digits),
          ]),
          note: 'Joins are spread evenly over some seconds; another viewer is there already. Direct: straight from the upstream, which waits for the next keyframe as go2rtc does.',
        },
      ],
      targets,
      plots: [],
      raw: measured,
    }
  },
}
