import type { Summary } from '../load/summary.ts'
import { Child } from './child.ts'

export interface CrowdOptions {
  /** Several are shared out among the viewers. */
  readonly url: string | readonly string[]
  readonly viewers: number
  readonly stalled?: number
  readonly seconds?: number
  readonly ramp?: number
}

/** `bench/programs/viewers.ts` in a process of its own, on a synthetic camera. */
export function runCrowd({ url, viewers, stalled = 0, seconds = 10, ramp = 1 }: CrowdOptions) {
  const options = Object.entries({ viewers, stalled, seconds, ramp })
  const args = [
    ...[url].flat().flatMap(one => ['--url', one]),
    ...options.flatMap(([name, value]) => [`--${name}`, String(value)]),
  ]
  const child = new Child(process.execPath, ['bench/programs/viewers.ts', '--numbered', ...args])
  return {
    /** When each one has a picture, or is over. */
    playing: () => child.line(/^playing$/),
    summary: async (): Promise<Summary> => JSON.parse((await child.line(/^\{.*/))[0]) as Summary,
    stop: () => child.stop(),
  }
}
