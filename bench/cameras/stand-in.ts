import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import { Child } from '../process/child.ts'

export interface StandInCounts {
  readonly connections: number
  readonly totalConnections: number
  readonly created: number
  readonly streams: Readonly<Record<string, { readonly consumers: number; readonly opened: number }>>
}

/** The stand-in for go2rtc with these synthetic cameras, in a process of its own. */
export async function runStandIn(cameras: Readonly<Record<string, SyntheticOptions>>, port = 0) {
  const synthetic = Object.entries(cameras).flatMap(([name, options]) => [
    '--synthetic',
    `${name}=${JSON.stringify(options)}`,
  ])
  const child = new Child(process.execPath, ['demo/stand-in.ts', '--port', String(port), ...synthetic])
  const [origin] = await child.line(/^http:\S+/)
  return {
    origin,
    pid: child.pid,
    counts: async () => (await (await fetch(`${origin}/stand-in`)).json()) as StandInCounts,
    stop: () => child.stop(),
  }
}
