import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const PATIENCE_MS = 20_000

/**
 * Runs the built server once, up to its first answer: what V8 compiled for that stays in `dist/compile-cache`, where `bin/start`
 * has every later start look for it. Rejects if the server does not start here.
 */
export async function fillCompileCache(home: string): Promise<void> {
  const cache = join(home, 'dist/compile-cache')
  const folder = await mkdtemp(join(tmpdir(), 'camgate-build-'))
  await mkdir(cache)
  const server = spawn('sh', [join(home, 'bin/start'), join(home, 'dist/server.js')], {
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
    await rm(cache, { recursive: true })
    throw error
  } finally {
    await rm(folder, { recursive: true })
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
