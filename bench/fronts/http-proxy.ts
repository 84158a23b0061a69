import { Child } from '../process/child.ts'
import { type Front, go2rtcPaths } from './front.ts'

/** `bench/programs/plain-proxy.ts`; its WebSocket relay is left out. */
export async function httpProxy(upstream: string): Promise<Front> {
  const child = new Child(process.execPath, ['bench/programs/plain-proxy.ts', upstream], {
    NODE_ENV: 'production',
  })
  const [, origin = ''] = await child.line(/listening at (http:\S+)/)
  return {
    name: '@fastify/http-proxy',
    pid: child.pid,
    mp4: go2rtcPaths(origin).mp4,
    stop: () => child.stop(),
  }
}
