import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { delayProbe } from './delay-probe.ts'

/**
 * What others wait at least, in milliseconds, where a server reads and writes a long list at once, and where it does nothing. It is
 * the measure for this machine, and shows that a held loop is seen.
 */
export async function calibrate(t: Test) {
  const program = fileURLToPath(new URL('./holding-server.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  const [port] = await once(child.stdout, 'data')
  const probe = await delayProbe(t, { port: Number(port), pid: child.pid! })
  const least = async (work: () => Promise<unknown>) => {
    const waits: number[] = []
    for (let i = 0; i < 5; i++) waits.push(await probe.during(work))
    return Math.min(...waits)
  }
  const atOnce = await least(async () => (await fetch(`http://127.0.0.1:${Number(port)}/list`)).text())
  const quiet = await least(() => sleep(atOnce))
  t.ok(atOnce > 3 * quiet, `${atOnce.toFixed(1)} ms for a list at once, ${quiet.toFixed(1)} ms for nothing`)
  return atOnce
}

/** Measures again what is not below `most`: a collection of all garbage, or what else this machine does, is nobody's request. */
export async function atLeast(most: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8 && least >= most; i++) least = Math.min(least, await measure())
  return least
}
