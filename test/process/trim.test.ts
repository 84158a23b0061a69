import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { serve } from '../support/serve.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const SCRIPT = fileURLToPath(new URL('../../bin/trim', import.meta.url))

t.test('a shell cannot have memory given back, or ends the server with that', async t => {
  const { origin, child, output } = await serve(t, {
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    FRIGATE_HOST: 'none',
  })
  const trim = spawn('bash', [SCRIPT, String(child.pid)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(trim.stdout), once(trim, 'exit')])
  t.equal(code, 0)
  t.match(said, /^resident memory of process \d+: [\d.]+ MB before, [\d.]+ MB after\n$/)
  await until(() => output().includes('memory trimmed on request'))
  t.equal((await fetch(`${origin}/health`)).status, 200)
})

t.test('a shell ends another program, whose name is the same', async t => {
  const folder = t.testdir({ 'server.js': 'setInterval(() => {}, 1000); console.log("up")' })
  const other = spawn(process.execPath, ['server.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => other.kill('SIGKILL'))
  await once(other.stdout, 'data')
  const trim = (...args: string[]) =>
    spawn('bash', [SCRIPT, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(trim(), 'exit')
  const asked = trim(String(other.pid))
  const [said] = await Promise.all([text(asked.stderr), once(asked, 'exit')])
  t.match(said, /^process \d+ is no server that can be asked\n$/)
  t.equal(other.exitCode ?? other.signalCode, null)
})
