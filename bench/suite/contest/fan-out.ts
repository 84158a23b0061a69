import { setTimeout as sleep } from 'node:timers/promises'
import { type Drained, runDrain } from '../../process/drain.ts'
import { cpuSeconds } from '../../process/proc.ts'

/** A crowd, and who serves it. */
export interface FanOutLoad {
  /** The process whose CPU is asked for. */
  readonly pid: number
  /** What it gets its cameras from, and nobody else does; none where it has them itself. */
  readonly upstreamPid?: number
  readonly urls: readonly string[]
  readonly viewers: number
  /** Seconds within which they join; they all are in one GOP if it is short. */
  readonly ramp?: number
}

/** How long is looked, in seconds, how often, one after another, and how long all have been served before. */
export interface Looks {
  readonly seconds: number
  readonly times: number
  readonly after: number
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

/**
 * Crowds come, are served for a while, all at once, and go: the costs of each look, in the order of the loads. Throws when
 * a viewer was not served.
 */
export async function fanOutCosts(
  loads: readonly FanOutLoad[],
  { seconds, times, after }: Looks,
): Promise<FanOutCost[][]> {
  const crowds = loads.map(load => ({ load, drain: runDrain(load) }))
  const look = () => Promise.all(crowds.map(({ load, drain }) => reading(load, drain)))
  const costs: FanOutCost[][] = []
  try {
    await Promise.all(crowds.map(({ drain }) => drain.playing()))
    await sleep(after * 1000)
    let before = await look()
    for (let time = 0; time < times; time++) {
      await sleep(seconds * 1000)
      const now = await look()
      costs.push(loads.map((load, index) => cost(load, before[index]!, now[index]!)))
      before = now
    }
    return costs
  } finally {
    await Promise.all(crowds.map(({ drain }) => drain.stop()))
  }
}

interface Reading {
  readonly cpu: readonly [server: number, upstream: number, drain: number]
  readonly got: Drained
}

async function reading(
  { pid, upstreamPid }: FanOutLoad,
  drain: ReturnType<typeof runDrain>,
): Promise<Reading> {
  const upstream = upstreamPid === undefined ? 0 : cpuSeconds(upstreamPid)
  const cpu = [cpuSeconds(pid), upstream, cpuSeconds(drain.pid)] as const
  return { cpu, got: await drain.look() }
}

function cost({ viewers, urls }: FanOutLoad, before: Reading, after: Reading): FanOutCost {
  const { origin, pathname } = new URL(urls[0]!)
  if (after.got.open < viewers)
    throw new Error(
      `${viewers - after.got.open} of ${viewers} viewers were not served by ${origin}${pathname}`,
    )
  const gigabytes = (after.got.bytes - before.got.bytes) / 1e9
  const took = after.got.at - before.got.at
  const [server, upstream, drain] = after.cpu.map((used, part) => used - before.cpu[part]!) as [
    number,
    number,
    number,
  ]
  return {
    secondsPerGb: server / gigabytes,
    withUpstream: (server + upstream) / gigabytes,
    cpu: { server: server / took, upstream: upstream / took, drain: drain / took },
    megabitsPerViewer: (gigabytes * 8e3) / took / viewers,
  }
}
