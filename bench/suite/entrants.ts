import { floor } from '../fronts/floor.ts'
import type { Front } from '../fronts/front.ts'
import { httpProxy } from '../fronts/http-proxy.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { FRAMES_PER_SECOND } from '../process/tape.ts'
import type { Entry } from './contest.ts'
import { BITRATE, type Transport } from './transports.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

export const OURS = ['camgate, all in one GOP', 'camgate, each in its own'] as const

/** Somebody who is measured, with cameras of its own. */
export interface Entrant {
  readonly name: string
  /** It is measured with so many viewers. */
  takesPart(viewers: number): boolean
  entry(task: string, viewers: number): Entry
  stop(): Promise<void>
}

interface Plan {
  readonly name: string
  readonly takesPart: (viewers: number) => boolean
  /** Each viewer joins in a GOP of its own. */
  readonly apart?: boolean
  open(upstream: string): Promise<Front>
}

/** All who serve so many viewers over `transport`; `guard` is where the one nginx asks who may. */
export async function openEntrants(
  transport: Transport,
  counts: readonly number[],
  guard: string,
  quick: boolean,
): Promise<Entrant[]> {
  const camgate = (upstream: string) => warmCamgate(upstream, [transport], quick)
  const always = () => true
  // Joining one by one takes long.
  const seldom = (viewers: number) => !quick && [10, 100, 400].includes(viewers)
  const once = (viewers: number) => viewers === 100
  const plans: Plan[] = [
    { name: OURS[0], takesPart: always, open: camgate },
    { name: OURS[1], takesPart: seldom, apart: true, open: camgate },
    { name: 'nginx', takesPart: always, open: upstream => nginx({ upstream }) },
    { name: 'the floor', takesPart: always, open: floor },
    {
      name: 'nginx, auth_request',
      takesPart: once,
      open: upstream => nginx({ upstream, auth: `${guard}/api/auth/me` }),
    },
    { name: '@fastify/http-proxy', takesPart: once, open: httpProxy },
  ]
  // A plain `<video>` has decode times of its own wherever it joins; the proxy passes on MP4 alone.
  const left = transport === 'mp4' ? OURS[1] : '@fastify/http-proxy'
  const isThere = ({ name, takesPart }: Plan) => name !== left && counts.some(takesPart)
  return Promise.all(plans.filter(isThere).map(plan => open(plan, transport)))
}

async function open({ name, takesPart, apart = false, open }: Plan, transport: Transport): Promise<Entrant> {
  const cameras = await runCameras({
    // A GOP a frame: whoever joins a frame later is in another one.
    load: { gop: apart ? 1 / FRAMES_PER_SECOND : 2, bitrate: BITRATE },
    ...WARM_CAMERAS,
  })
  const front = await open(cameras.origin)
  return {
    name,
    takesPart,
    entry: (task, viewers) => ({
      name,
      task,
      pid: front.pid,
      upstreamPid: cameras.pid,
      urls: [front[transport]!('load')],
      viewers,
      ramp: apart ? viewers / FRAMES_PER_SECOND : 0.2,
    }),
    stop: async () => {
      await front.stop()
      await cameras.stop()
    },
  }
}
