import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { ADMIN } from './app.ts'
import { signIn } from './sign-in.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { newUser, type SignedIn } from './users.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What `ensureBuilt` makes. */
export const BUILT_PROGRAM = join(ROOT, 'dist/server.js')

/** What docker-compose.yml allows the image, in MB, and V8 by `bin/start` under it. */
const IMAGE_MB = 128
const IMAGE_HEAP_MB = (IMAGE_MB * 3) / 8

export interface BuiltOptions {
  /** The most descriptors that the process may have. */
  readonly descriptors?: number
}

/** `npm run build` if what is built is older than the sources, one process at a time. */
export async function ensureBuilt(): Promise<void> {
  const build = [process.execPath, join(ROOT, 'test/support/build-once.ts')]
  await promisify(execFile)('flock', [join(ROOT, 'package.json'), ...build], { cwd: ROOT })
}

/**
 * The built server as a process of its own, started by `bin/start` with the limits of the image. For tests that know of it
 * only what comes over its sockets. Ended with the test. `crashed` tells whether it has ended before.
 */
export async function startBuilt(t: Test, env: Record<string, string> = {}, options: BuiltOptions = {}) {
  await ensureBuilt()
  const limit = options.descriptors === undefined ? '' : `ulimit -n ${options.descriptors}; `
  const databasePath = env.DATABASE_PATH ?? join(await temporaryFolder(t), 'camgate.db')
  const heap = `--max-old-space-size=${IMAGE_HEAP_MB}`
  const child = spawn('sh', ['-c', `${limit}exec sh bin/start ${heap} dist/server.js`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      NODE_ENV: 'production',
      SUPERVISED: '1',
      HOST: '127.0.0.1',
      PORT: '0',
      MEMORY_LIMIT_MB: String(IMAGE_MB),
      DATABASE_PATH: databasePath,
      BCRYPT_ROUNDS: '4',
      SHUTDOWN_SECONDS: '1',
      ADMIN_USERNAME: ADMIN.username,
      ADMIN_PASSWORD: ADMIN.password,
      GO2RTC_HOST: 'http://127.0.0.1:9',
      FRIGATE_HOST: 'none',
      ...env,
    },
  })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  let output = ''
  const listening = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += chunk
      const [, origin] = /listening at (http:[^"\s]+)/i.exec(output) ?? []
      if (origin) listening.resolve(origin)
    })
  exited.then(() => listening.reject(new Error(`the server ended: ${output}`)))
  const origin = await listening.promise
  return {
    origin,
    port: Number(new URL(origin).port),
    databasePath,
    pid: child.pid!,
    child,
    output: () => output,
    /** As whoever runs it stops it; rejects unless that goes in order. */
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await exited
      if (code !== 0) throw new Error(`the server ended with ${code}: ${output}`)
    },
    crashed: () => child.exitCode !== null || child.signalCode !== null,
  }
}

/** The built server, its administrator logged in, and a way to make users who see only these cameras. */
export async function startBuiltHouse(t: Test, env: Record<string, string> = {}, options: BuiltOptions = {}) {
  const server = await startBuilt(t, env, options)
  const admin = await signIn(server.origin)
  let guests = 0
  const guest = async (...cameras: string[]): Promise<SignedIn> => {
    const user = await newUser(server.origin, admin, `guest-${++guests}`)
    const path = `/api/admin/users/${user.user.id}/cameras`
    const reply = await admin.request(path, { method: 'PUT', body: { mode: 'custom', cameras } })
    if (reply.status !== 200) throw new Error(`cameras answered ${reply.status}: ${await reply.text()}`)
    return user
  }
  return { ...server, admin, guest, held: () => heldBy(admin) }
}

/** What the server tells its administrator that it holds now: viewers by kind, and how much of whatever else is not released. */
async function heldBy(admin: SignedIn) {
  const reply = await admin.request('/api/debug/memory')
  if (reply.status !== 200) throw new Error(`memory answered ${reply.status}: ${await reply.text()}`)
  const told = (await reply.json()) as {
    readonly budget: { readonly peak_bytes: number; readonly limit_bytes: number }
    readonly viewers: Readonly<Record<string, number>>
    readonly ledger: Readonly<Record<string, { readonly open: number }>>
  }
  const { budget, viewers, ledger } = told
  if (budget.peak_bytes > budget.limit_bytes) throw new Error(`live streams held ${budget.peak_bytes} bytes`)
  const open = Object.entries(ledger).filter(([, entry]) => entry.open > 0)
  return {
    viewers,
    open: Object.fromEntries(open.map(([kind, entry]) => [kind, entry.open])) as Partial<
      Record<string, number>
    >,
  }
}
