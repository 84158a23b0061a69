import { setTimeout as sleep } from 'node:timers/promises'
import { runDrain } from '../process/drain.ts'
import { cpuSeconds } from '../process/proc.ts'

export interface FanOutLoad {
  /** The process whose CPU is asked for. */
  readonly pid: number
  readonly upstreamPid: number
  readonly urls: readonly string[]
  readonly viewers: number
  /** Seconds within which they join; they all are in one GOP if it is short. */
  readonly ramp?: number
  readonly seconds: number
}

export interface FanOutCost {
  /** CPU of the serving process, in seconds for each 10⁹ bytes of it that viewers received. */
  readonly secondsPerGb: number
  /** The same of server and upstream together. */
  readonly withUpstream: number
  /** Shares of one core. */
  readonly cpu: { readonly server: number; readonly upstream: number; readonly drain: number }
  readonly megabitsPerViewer: number
}

const SETTLE_MS = 500

/** A crowd comes, settles, is served for a while and goes. Throws when a viewer was not served. */
export async function fanOutCost(load: FanOutLoad): Promise<FanOutCost> {
  const { pid, upstreamPid, urls, viewers, ramp = 0.2, seconds } = load
  const drain = runDrain({ urls, viewers, ramp })
  try {
    await drain.playing()
    await sleep(SETTLE_MS)
    const pids = [pid, upstreamPid, drain.pid]
    const before = pids.map(cpuSeconds)
    const first = await drain.look()
    await sleep(seconds * 1000)
    const after = pids.map(cpuSeconds)
    const last = await drain.look()
    if (last.open < viewers)
      throw new Error(`${viewers - last.open} of ${viewers} viewers were not served by ${urls[0]}`)
    const gigabytes = (last.bytes - first.bytes) / 1e9
    const took = last.at - first.at
    const [server, upstream, reading] = after.map((used, index) => used - before[index]!) as [
      number,
      number,
      number,
    ]
    return {
      secondsPerGb: server / gigabytes,
      withUpstream: (server + upstream) / gigabytes,
      cpu: { server: server / took, upstream: upstream / took, drain: reading / took },
      megabitsPerViewer: (gigabytes * 8e3) / took / viewers,
    }
  } finally {
    await drain.stop()
  }
}
