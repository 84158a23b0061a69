import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'

const ADMIN = { username: 'bench', password: 'Measured-4-Real' }

export interface RunningServer {
  readonly pid: number
  readonly origin: string
  readonly token: string
  /** `GET` with the token, as JSON. */
  get<T>(path: string): Promise<T>
  stop(): Promise<void>
}

/**
 * The server as the image runs it, built (`npm run build`) and with its allocator settings, on a free loopback port,
 * in front of `go2rtc`; and a token to use it with.
 */
export async function runServer(go2rtc: string, env: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-'))
  const child = new Child('sh', ['bin/start', 'dist/server.js'], {
    NODE_ENV: 'production',
    MALLOC_ARENA_MAX: '2',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    DATABASE_PATH: join(folder, 'camgate.db'),
    GO2RTC_HOST: go2rtc,
    FRIGATE_HOST: 'none',
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_ROUNDS: '4',
    ...env,
  })
  const [, origin] = (await child.line(/listening at (http:[^"\s]+)/i)) as unknown as [string, string]
  const login = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
  const { token } = (await login.json()) as { token: string }
  return {
    pid: child.pid,
    origin,
    token,
    get: async <T>(path: string) =>
      (await (
        await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
      ).json()) as T,
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
