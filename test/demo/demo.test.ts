import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'

/** `npm run demo` as a person starts it, with a temporary folder of its own. */
function runDemo(t: Test, env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['demo/main.ts'], {
    env: { PATH: process.env.PATH, TMPDIR: t.testdir({}), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const exit = once(child, 'exit')
  return { child, exit, output: () => output }
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
