import { type RunningServer, runServer } from '../process/server.ts'
import type { Front } from './front.ts'

export interface CamgateFront extends Front {
  readonly server: RunningServer
}

/** The built server, as the image runs it; `entry` is another build of it. */
export async function camgate(
  upstream: string,
  env: NodeJS.ProcessEnv = {},
  entry?: string,
): Promise<CamgateFront> {
  const server = await runServer(upstream, { API_REQUESTS_PER_MINUTE: '100000000', ...env }, entry)
  const { origin, token, pid } = server
  return {
    name: 'camgate',
    pid,
    server,
    mp4: camera => `${origin}/api/go2rtc/mse/${camera}?token=${token}`,
    websocket: camera => `${origin.replace('http', 'ws')}/api/ws?src=${camera}&token=${token}`,
    stop: () => server.stop(),
  }
}
