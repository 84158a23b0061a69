import { setTimeout as sleep } from 'node:timers/promises'
import type { TapeOptions } from '../../cameras/tape.ts'
import { type CamgateFront, camgate } from '../../fronts/camgate.ts'
import type { Front } from '../../fronts/front.ts'
import { runDrain } from '../../process/drain.ts'
import type { Transport } from './transports.ts'

/** So many cameras send in seconds what one sends in minutes. */
const CAMERAS = 20
const VIEWERS = 400
const SECONDS = 4
const LINGER_SECONDS = 1

/** What the upstream of a server that is to be warmed up needs besides. */
export const WARM_CAMERAS: Readonly<Record<string, TapeOptions>> = Object.fromEntries(
  Array.from({ length: CAMERAS }, (_, index) => [`warm_${index}`, { gop: 2, bitrate: 4_000_000 }]),
)

/**
 * A server as it is for months, not as it is in its first seconds: the compilers know what it does (V8 is told to wait for
 * 2,000 calls), and what the start left behind is gone.
 */
export async function warmCamgate(
  upstream: string,
  transports: readonly Transport[],
  quick: boolean,
): Promise<CamgateFront> {
  const ours = await camgate(upstream, { LIVE_LINGER_SECONDS: String(LINGER_SECONDS) })
  for (const transport of transports) await warmUp(ours, transport, quick)
  return ours
}

/** The server's streams linger for a second only. */
export async function warmUp(ours: Front, transport: Transport, quick: boolean): Promise<void> {
  const urls = Object.keys(WARM_CAMERAS).map(ours[transport]!)
  const crowd = runDrain({ urls, viewers: VIEWERS, ramp: 1 })
  await crowd.playing()
  await sleep((quick ? 1 : SECONDS) * 1000)
  await crowd.stop()
  await sleep((LINGER_SECONDS + 1) * 1000)
}
