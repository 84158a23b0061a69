import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

const PATIENCE_MS = 60_000

/**
 * Starts the built server once, so that Node fills its compile cache (`module.enableCompileCache`). `bin/start` uses the
 * folder where it exists. It serves the Node version, the V8 flags and the user that filled it. Without it a start only takes
 * longer, so a server that does not start here is told about and no error.
 */
export async function fillCompileCache(home: string): Promise<void> {
  const cache = join(home, 'dist/compile-cache')
  const data = await mkdtemp(join(tmpdir(), 'camgate-build-'))
  await mkdir(cache)
  try {
    await startAndStop(home, data)
  } catch (error) {
    await rm(cache, { recursive: true })
    console.error(`Built without a compile cache: ${(error as Error).message}.`)
  } finally {
    await rm(data, { recursive: true })
  }
}

async function startAndStop(home: string, data: string): Promise<void> {
  const server = spawn('sh', [join(home, 'bin/start'), join(home, 'dist/server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      DATABASE_PATH: join(data, 'camgate.db'),
      FRIGATE_HOST: 'none',
      BCRYPT_ROUNDS: '4',
      ADMIN_PASSWORD: `Aa1-${randomUUID()}`,
    },
  })
  const exited = once(server, 'exit')
  for await (const line of createInterface({ input: server.stdout! }))
    if (line.includes('Server listening')) server.kill()
  const [code, signal] = await exited
  if (code !== 0) throw new Error(`the server ended with ${code ?? signal}`)
}
