import { floor } from '../fronts/floor.ts'
import type { Front } from '../fronts/front.ts'
import { httpProxy } from '../fronts/http-proxy.ts'
import { nginx } from '../fronts/nginx.ts'
import { runBare } from '../process/bare.ts'
import { runCameras } from '../process/camera.ts'
import { FRAMES_PER_SECOND } from '../process/tape.ts'
import { Contest } from './contest.ts'
import { figure } from './figure.ts'
import type { Plot, Results, Section } from './section.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

export const BITRATE = 4_000_000
export const TRANSPORTS = ['websocket', 'mp4'] as const
export type Transport = (typeof TRANSPORTS)[number]
export const TRANSPORT_NAMES = { websocket: 'WebSocket', mp4: 'MP4' }

const OURS = ['camgate, all in one GOP', 'camgate, each in its own'] as const
/** Seconds in which a crowd is measured, whole GOPs: more where there is a target and little to count. */
const SECONDS: Readonly<Record<number, number>> = { 100: 4 }
const A_GOP = 2
const ROUNDS: Readonly<Record<number, number>> = { 100: 3, 400: 3 }
const QUICK = [400]
/** Joining one by one takes long. */
const APART = new Set([10, 100, 400])
const ROUNDS_APART = 2

interface Contender {
  readonly name: string
  readonly front: Front
  /** Each viewer joins in a GOP of its own. */
  readonly apart?: boolean
  /** Takes part with 100 viewers only. */
  readonly once?: boolean
}

const taskOf = (transport: Transport, viewers: number) =>
  `${TRANSPORT_NAMES[transport]}, ${viewers} viewer${viewers === 1 ? '' : 's'}`

/** CPU for each gigabyte that is delivered, by number of viewers of one camera. */
export const cpu = (transport: Transport): Section => ({
  title: `CPU of one camera over ${TRANSPORT_NAMES[transport]}, by viewers`,
  async run(quick) {
    const cameras = await runCameras({
      load: { gop: 2, bitrate: BITRATE },
      // A GOP a frame: whoever joins a frame later is in another one.
      apart: { gop: 1 / FRAMES_PER_SECOND, bitrate: BITRATE },
      ...WARM_CAMERAS,
    })
    const guard = await runBare()
    const upstream = cameras.origin
    const [ours, proxy, guarded, least, plain] = await Promise.all([
      warmCamgate(upstream, [transport], quick),
      nginx({ upstream }),
      nginx({ upstream, auth: `${guard.origin}/api/auth/me` }),
      floor(upstream),
      httpProxy(upstream),
    ])
    const contenders: Contender[] = [
      { name: OURS[0], front: ours },
      { name: OURS[1], front: ours, apart: true },
      { name: 'nginx', front: proxy },
      { name: 'the floor', front: least },
      { name: 'nginx, auth_request', front: guarded, once: true },
      { name: '@fastify/http-proxy', front: plain, once: true },
    ]
    const counts = quick ? QUICK : [1, 10, 100, 400, 1000]
    const contest = new Contest()
    try {
      for (const viewers of counts)
        for (let round = 0; round < (quick ? 1 : (ROUNDS[viewers] ?? 1)); round++)
          for (const { name, front, apart = false, once = false } of contenders) {
            const url = front[transport]?.(apart ? 'apart' : 'load')
            // A plain `<video>` has decode times of its own wherever it joins.
            if (
              !url ||
              (apart && (transport === 'mp4' || quick || !APART.has(viewers) || round >= ROUNDS_APART))
            )
              continue
            if (once && (viewers !== 100 || round > 0 || quick)) continue
            await contest.measure({
              name,
              task: taskOf(transport, viewers),
              pid: front.pid,
              upstreamPid: cameras.pid,
              urls: [url],
              viewers,
              ramp: apart ? viewers / FRAMES_PER_SECOND : 0.2,
              seconds: quick ? A_GOP : (SECONDS[viewers] ?? A_GOP),
            })
          }
    } finally {
      await Promise.all([ours, proxy, guarded, least, plain].map(front => front.stop()))
      await Promise.all([cameras.stop(), guard.stop()])
    }
    return results(contest, transport, counts)
  },
})

function results(contest: Contest, transport: Transport, counts: readonly number[]): Results {
  const targets = [100, 400].flatMap(viewers =>
    OURS.flatMap(name => [
      ...contest.atMost(0.6, name, 'nginx', taskOf(transport, viewers)),
      ...contest.atMost(viewers === 400 ? 1 : 1.5, name, 'the floor', taskOf(transport, viewers)),
    ]),
  )
  const plot: Plot = {
    name: `cpu-${transport}`,
    title: `CPU per GB delivered, ${TRANSPORT_NAMES[transport]}`,
    x: 'viewers of one camera',
    y: 'seconds of CPU per GB',
    logarithmic: true,
    lines: [...OURS, 'nginx', 'the floor'].map(name => ({
      name,
      points: counts.flatMap(viewers => {
        const costs = contest.of(name, taskOf(transport, viewers))
        return costs.length > 0 ? [[viewers, figure(costs).median] as const] : []
      }),
    })),
  }
  return {
    tables: [contest.costs('Seconds of CPU of the serving process per GB delivered'), contest.shares()],
    targets,
    plots: [plot],
    raw: contest.measurements,
  }
}
