import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { ADMIN } from './app.ts'

const server = fileURLToPath(new URL('../../server.ts', import.meta.url))

/**
 * The server as a process of its own, so that it can be killed. Ended with the test if it still runs. `port` is that of
 * one that has ended, `imported` a module that Node loads before it, `by` a command that becomes the server, `program` what runs
 * in place of the sources.
 */
export async function serve(
  t: Test,
  env: Record<string, string>,
  {
    port,
    imported,
    by = [],
    program = server,
  }: {
    port?: number
    imported?: URL | undefined
    by?: readonly string[]
    program?: string | undefined
  } = {},
) {
  port ??= await freePort()
  const origin = `http://127.0.0.1:${port}`
  const child = run(env, port, by, imported, program)
  t.teardown(() => end(child))
  let output = ''
  child.stdout!.on('data', chunk => {
    output += chunk
  })
  child.stderr!.on('data', chunk => {
    output += chunk
  })
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output}`)
    const up = await fetch(`${origin}/health`).then(
      reply => reply.ok,
      () => false,
    )
    if (up) return { origin, port, child, output: () => output, kill: () => end(child) }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Starts the server, by way of a command that runs it if one is given, and waits for its end; for starts that must fail. */
export async function serveUntilExit(
  env: Record<string, string>,
  by: readonly string[] = [],
  program?: string,
) {
  const child = run(env, 0, by, undefined, program)
  let stderr = ''
  child.stderr!.on('data', chunk => {
    stderr += chunk
  })
  child.stdout!.resume()
  const [code] = await once(child, 'close')
  return { code: code as number, stderr }
}

function run(
  env: Record<string, string>,
  port: number,
  by: readonly string[] = [],
  imported?: URL | undefined,
  program = server,
): ChildProcess {
  const before = imported ? ['--import', imported.href] : []
  const [command, ...args] = [...by, process.execPath, ...before, program]
  return spawn(command!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      BCRYPT_ROUNDS: '4',
      ADMIN_PASSWORD: ADMIN.password,
      ...env,
    },
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
