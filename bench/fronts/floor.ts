import { Child } from '../process/child.ts'
import { native } from '../process/native.ts'
import { type Front, go2rtcPaths } from './front.ts'

/** `bench/floor.c`: one `send` per fragment and viewer, and nothing else. */
export async function floor(upstream: string): Promise<Front> {
  const child = new Child(native('floor'), [new URL(upstream).port])
  const [origin] = await child.line(/^http:\S+/)
  return { name: 'the floor', pid: child.pid, ...go2rtcPaths(origin), stop: () => child.stop() }
}
