import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { until } from '../support/until.ts'

/** `npm run demo` as a person starts it, or without npm, with a temporary folder and a process group of its own. */
function runDemo(t: Test, env: NodeJS.ProcessEnv, command = [process.execPath, 'demo/main.ts']) {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    env: { PATH: process.env.PATH, TMPDIR: t.testdir({}), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const group = -child.pid!
  t.teardown(() => {
    if (alive(group)) process.kill(group, 'SIGKILL')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const exit = once(child, 'exit')
  return { child, group, exit, output: () => output }
}

/** Of the demo; npm and Node keep one of their own there. */
async function folders(t: Test): Promise<string[]> {
  return (await readdir(t.testdirName)).filter(name => name.startsWith('camgate-'))
}

function alive(group: number): boolean {
  try {
    return process.kill(group, 0)
  } catch {
    return false
  }
}

t.test('the demo says where it is, how to get in and what it is, and ends clean on Ctrl-C', async t => {
  const { child, exit, output } = runDemo(t, {})
  while (!output().includes('Ctrl-C')) await once(child.stdout, 'data')
  const [, origin] = /open +(http:\S+)/.exec(output()) ?? []
  const [, username] = /user +(\S+)/.exec(output()) ?? []
  const [, password] = /password +(\S+)/.exec(output()) ?? []
  t.match(output(), /DEMO: .*generated test patterns/)

  const login = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  t.equal(login.status, 200)
  t.match(await (await fetch(`${origin}/`)).text(), /<html/)

  child.kill('SIGINT')
  t.same(await exit, [0, null])
  t.same(await readdir(t.testdirName), [], 'its database is gone')
})

t.test('Ctrl-C twice must not leave a process or a folder behind, however npm passes it on', async t => {
  for (const command of [['npm', 'run', 'demo'], undefined]) {
    const { child, group, exit, output } = runDemo(t, {}, command)
    while (!output().includes('Ctrl-C')) await once(child.stdout, 'data')
    t.equal((await folders(t)).length, 1, 'it has a folder while it runs')
    // A terminal sends it to the whole group, and npm to its child once more.
    process.kill(group, 'SIGINT')
    await new Promise(resolve => setTimeout(resolve, 30))
    if (alive(group)) process.kill(group, 'SIGINT')
    await exit
    await until(() => !alive(group))
    t.match(output(), 'The demo has ended.')
    t.same(await folders(t), [])
  }
})

t.test('Ctrl-C while it starts must not leave a folder behind', async t => {
  const { child, group, exit } = runDemo(t, {})
  await until(async () => (await folders(t)).length > 0)
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal)
  await exit
  await until(() => !alive(group))
  t.same(await folders(t), [])
})

t.test('a port that is taken is one clear sentence', async t => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  const { port } = holder.address() as AddressInfo
  const { exit, output } = runDemo(t, { PORT: String(port) })
  t.same(await exit, [1, null])
  t.equal(output(), `Port ${port} is taken. Choose another one, for example: PORT=${port + 1} npm run demo\n`)
  t.same(await readdir(t.testdirName), [])
})

t.test('a bad setting is one clear sentence', async t => {
  const { exit, output } = runDemo(t, { PORT: 'http' })
  t.same(await exit, [1, null])
  t.equal(output(), 'PORT="http" is not usable: a whole number from 0 to 65535\n')
})
