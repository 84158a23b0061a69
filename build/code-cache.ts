import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLED } from './options.ts'

const PATIENCE_MS = 20_000

/**
 * Runs the built server once, up to its first answer, with the flags that every later start has: what V8 compiled for that stays beside
 * it (`src/program/program.ts`). Rejects if the server does not start here.
 */
export async function fillCodeCache(home: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-build-'))
  try {
    await record(home, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** `folder` is for what is not kept. */
async function record(home: string, folder: string): Promise<void> {
  const recorder = join(folder, 'record.mjs')
  await build({ ...BUNDLED, entryPoints: [join(home, 'build/record.ts')], outfile: recorder })
  const server = spawn('sh', [join(home, 'bin/start'), recorder, join(home, 'dist')], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE_MS,
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      DATABASE_PATH: join(folder, 'camgate.db'),
      FRIGATE_HOST: 'none',
      BCRYPT_ROUNDS: '4',
    },
  })
  const exited = once(server, 'exit')
  try {
    await fetch(`${await origin(server)}/health`)
    server.kill()
    const [code, signal] = await exited
    if (code !== 0) throw new Error(`it ended with ${code ?? signal}`)
  } catch (error) {
    server.kill('SIGKILL')
    throw error
  }
}

/** Where it says that it listens. */
function origin({ stdout }: ChildProcess): Promise<string> {
  let log = ''
  return new Promise((resolve, reject) => {
    stdout!.on('data', chunk => {
      log += chunk
      const [, origin] = /listening at (http:[^"\s]+)/i.exec(log) ?? []
      if (origin) resolve(origin)
    })
    stdout!.once('end', () => reject(new Error('it ended before it listened')))
  })
}
