import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'

export const ADMIN = { username: 'bench', password: 'Measured-4-Real' }

export interface RunningServer {
  readonly pid: number
  readonly origin: string
  readonly token: string
  readonly databasePath: string
  /** `GET` with the token, as JSON. */
  get<T>(path: string): Promise<T>
  stop(): Promise<void>
}

/**
 * The server as the image runs it, built (`npm run build`) and with its allocator settings, on a free loopback port,
 * in front of `go2rtc`; and a token to use it with. `entry` is another program to run in its place.
 */
export async function runServer(
  go2rtc: string,
  env: NodeJS.ProcessEnv = {},
  entry = 'dist/server.js',
): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-'))
  const databasePath = join(folder, 'camgate.db')
  const child = new Child('sh', ['bin/start', entry], {
    ...environment(go2rtc),
    DATABASE_PATH: databasePath,
    ...env,
  })
  return signedIn(child, {
    databasePath,
    pid: async () => child.pid,
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  })
}

/** What every measured server is told. */
export function environment(go2rtc: string) {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    GO2RTC_HOST: go2rtc,
    FRIGATE_HOST: 'none',
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_ROUNDS: '4',
  }
}

/** Waits until it listens, and logs in. */
export async function signedIn(
  child: Child,
  { pid, ...rest }: Pick<RunningServer, 'databasePath' | 'stop'> & { pid(): Promise<number> },
): Promise<RunningServer> {
  const [, origin] = (await child.line(/listening at (http:[^"\s]+)/i)) as unknown as [string, string]
  const login = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
  const { token } = (await login.json()) as { token: string }
  return {
    ...rest,
    pid: await pid(),
    origin,
    token,
    get: async <T>(path: string) =>
      (await (
        await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
      ).json()) as T,
  }
}
