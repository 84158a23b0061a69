import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startApp } from './support/app.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { until } from './support/until.ts'

const home = join(import.meta.dirname, '..')
const file = (name: string) => readFileSync(join(home, name), 'utf8')

t.test('a container must not be without a verdict 10 s after its start', async t => {
  const intervals = [
    /HEALTHCHECK --interval=(\d+)s /.exec(file('Dockerfile')),
    / interval: (\d+)s\n/.exec(file('docker-compose.yml')),
    /`interval: (\d+)s`/.exec(file('docs/migration.md')),
  ]
  // Docker waits one interval before its first look.
  for (const match of intervals) t.ok(Number(match?.[1]) < 10, String(match?.[0]))
})

t.test('the image must not run another line of Node than npm start', async t => {
  const { optionalDependencies } = JSON.parse(file('package.json')) as {
    optionalDependencies: Record<string, string>
  }
  const lines = [
    ...[...file('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(match => match[1]),
    ...Object.values(optionalDependencies).map(range => /^\^(\d+)\./.exec(range)?.[1]),
  ]
  t.equal(lines.length, 5)
  t.same([...new Set(lines)], [process.versions.node.split('.')[0]])
})

t.test('the check of the container must not pass where the server does not answer', async t => {
  const check = async (port: number) => {
    const child = spawn(join(home, 'bin/health'), {
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: 'ignore',
    })
    const [code] = await once(child, 'exit')
    return code as number
  }
  const { origin } = await startApp(t)
  t.equal(await check(Number(new URL(origin).port)), 0)

  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  t.not(await check(port), 0, 'somebody listens and says nothing')
  silent.close()
  t.not(await check(port), 0, 'nobody listens')
})

t.test('SIGTERM to npm start must not leave the server running', async t => {
  const { start } = JSON.parse(file('package.json')).scripts as { start: string }
  // As built elsewhere, and from the sources.
  const script = start.replace('npm run -s build', ':').replace('dist/server.js', 'server.ts')
  const database = join(await temporaryFolder(t), 'camgate.db')
  const shell = spawn('sh', ['-c', script], {
    cwd: home,
    env: {
      PATH: `${join(home, 'node_modules/.bin')}:${process.env.PATH}`,
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_PATH: database,
      FRIGATE_HOST: 'none',
      GO2RTC_HOST: 'http://127.0.0.1:9',
      ADMIN_PASSWORD: 'Correct-Horse-7',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  t.teardown(() => {
    if (alive(-shell.pid!)) process.kill(-shell.pid!, 'SIGKILL')
  })
  let output = ''
  shell.stdout.on('data', chunk => {
    output += chunk
  })
  await until(() => output.includes('Server listening'))
  t.ok(existsSync(`${database}-wal`))
  shell.kill('SIGTERM')
  t.same(await once(shell, 'exit'), [0, null])
  await until(() => !alive(-shell.pid!))
  t.notOk(existsSync(`${database}-wal`), 'it ended in order')
})

function alive(group: number): boolean {
  try {
    return process.kill(group, 0)
  } catch {
    return false
  }
}
