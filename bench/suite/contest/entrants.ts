import { runCameras } from '../../cameras/camera.ts'
import { FRAMES_PER_SECOND } from '../../cameras/tape.ts'
import { floor } from '../../fronts/floor.ts'
import type { Front } from '../../fronts/front.ts'
import { httpProxy } from '../../fronts/http-proxy.ts'
import { nginx } from '../../fronts/nginx.ts'
import type { Opened } from '../../process/opened.ts'
import type { Plan } from '../plan.ts'
import type { Entry } from './contest.ts'
import { isCrowd, type Scene, taskOf, total } from './scene.ts'
import { BITRATE } from './transports.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

export const CAMGATE = 'camgate'
export const APART = 'camgate, each in a GOP of its own'
export const NGINX = 'nginx'
export const FLOOR = 'the floor'

/** Somebody who is measured, with cameras of its own. */
export interface Entrant {
  readonly name: string
  takesPart(scene: Scene): boolean
  entry(scene: Scene): Entry
}

interface Kind {
  readonly name: string
  takesPart?(scene: Scene): boolean
  /** Each viewer joins in a GOP of its own. */
  readonly apart?: boolean
  open(upstream: string): Promise<Front>
}

/** A plain `<video>` has decode times of its own wherever it joins. */
export function canBeApart(scene: Scene): boolean {
  return isCrowd(scene) && scene.transport === 'websocket'
}

/** All who serve some of these scenes. */
export function openEntrants(opened: Opened, scenes: readonly Scene[], plan: Plan): Promise<Entrant[]> {
  const transports = [...new Set(scenes.map(({ transport }) => transport))]
  const camgate = (upstream: string) => warmCamgate(upstream, transports, plan.quick)
  const kinds: Kind[] = [
    { name: CAMGATE, open: camgate },
    { name: APART, apart: true, takesPart: canBeApart, open: camgate },
    { name: NGINX, open: nginx },
    { name: FLOOR, open: floor },
    {
      name: '@fastify/http-proxy',
      takesPart: scene => isCrowd(scene) && scene.transport === 'mp4' && scene.viewers === 100,
      open: httpProxy,
    },
  ]
  return Promise.all(
    kinds
      .filter(({ takesPart = () => true }) => scenes.some(takesPart))
      .map(kind => open(opened, kind, Math.max(...scenes.map(({ cameras }) => cameras)))),
  )
}

async function open(
  opened: Opened,
  { name, takesPart = () => true, apart = false, open }: Kind,
  most: number,
): Promise<Entrant> {
  const names = Array.from({ length: most }, (_, index) => `camera_${index}`)
  // A GOP a frame: whoever joins a frame later is in another one.
  const camera = { gop: apart ? 1 / FRAMES_PER_SECOND : 2, bitrate: BITRATE }
  const cameras = await opened.add(
    runCameras({ ...Object.fromEntries(names.map(name => [name, camera])), ...WARM_CAMERAS }),
  )
  const front = await opened.add(open(cameras.origin))
  return {
    name,
    takesPart,
    entry: scene => ({
      name,
      task: taskOf(scene),
      pid: front.pid,
      upstreamPid: cameras.pid,
      urls: names.slice(0, scene.cameras).map(front[scene.transport]!),
      viewers: total(scene),
      ramp: apart ? total(scene) / FRAMES_PER_SECOND : 0.5,
    }),
  }
}
