import { setTimeout as sleep } from 'node:timers/promises'
import { runCrowd } from '../process/crowd.ts'
import { CONTAINER_MB } from '../process/proc.ts'
import { Sampler } from '../process/sampler.ts'
import type { RunningServer } from '../process/server.ts'
import type { Scenario } from './scenarios.ts'

interface MemoryReport {
  readonly budget: { readonly limit_bytes: number; readonly peak_bytes: number }
  readonly watchdog: { readonly counts: Readonly<Record<string, number>> }
}

/** The start is over. */
const SETTLED_MS = 5000
const MIB = 1024 * 1024

/** Has a scenario go on for so long on a fresh server; peaks count from the start of the server. */
export async function hold(server: RunningServer, { crowds }: Scenario, seconds: number) {
  const sampler = new Sampler(server.pid, { fromStart: true })
  await sleep(SETTLED_MS)
  const running = crowds(server).map(crowd => runCrowd({ ...crowd, seconds }))
  await Promise.all(running.map(crowd => crowd.playing()))
  await sleep(seconds * 1000 - (running.length > 0 ? 1000 : 0))
  const figures = sampler.stop()
  const { budget, watchdog } = await server.get<MemoryReport>('/api/debug/memory')
  const summaries = await Promise.all(running.map(crowd => crowd.summary()))
  await Promise.all(running.map(crowd => crowd.stop()))
  return {
    ...figures,
    budgetPeakMb: Math.round((budget.peak_bytes / MIB) * 100) / 100,
    budgetLimitMb: budget.limit_bytes / MIB,
    watchdogActions: watchdog.counts,
    viewers: summaries.map(
      ({ viewers, gotPicture, missedFrames, videoBreaks, megabitsPerSecond, ended }) => ({
        viewers,
        gotPicture,
        missedFrames,
        videoBreaks,
        megabitsPerSecond,
        ended,
      }),
    ),
  }
}

export type Held = Awaited<ReturnType<typeof hold>>

/** A sentence for each promise that was not kept. */
export function complaints(held: Held, { rssMb, unreclaimableMb }: Scenario): string[] {
  const found: string[] = []
  const { max } = held.unreclaimableMb
  if (max > unreclaimableMb)
    found.push(`unreclaimable memory went up to ${max} MB, ${unreclaimableMb} MB are promised`)
  if (held.peakMb > rssMb) found.push(`RSS went up to ${held.peakMb} MB, ${rssMb} MB are promised`)
  if (held.containerMb && held.containerMb.max > CONTAINER_MB)
    found.push(`the container went up to ${held.containerMb.max} MB`)
  if (held.budgetPeakMb > held.budgetLimitMb) found.push(`media went up to ${held.budgetPeakMb} MB`)
  for (const [action, count] of Object.entries(held.watchdogActions))
    if (count > 0) found.push(`the watchdog had to act: ${count} times ${action}`)
  for (const { viewers, gotPicture, ended } of held.viewers) {
    if (gotPicture < viewers) found.push(`${viewers - gotPicture} of ${viewers} viewers got no picture`)
    for (const [why, count] of Object.entries(ended)) found.push(`${count} viewers were ended: ${why}`)
  }
  return found
}
