import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { until } from './support/until.ts'

const START = join(import.meta.dirname, '../bin/start')
const SERVER = join(import.meta.dirname, '../server.ts')

/** The server as `npm start` runs it, in a process of its own. */
function start(t: Test, env: Record<string, string>) {
  const dir = t.testdir({})
  const child = spawn('sh', [START, SERVER], {
    env: {
      PATH: `${join(import.meta.dirname, '../node_modules/.bin')}:${process.env.PATH}`,
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_PATH: join(dir, 'camgate.db'),
      ADMIN_PASSWORD: 'Correct-Horse-7',
      FRIGATE_HOST: 'none',
      GO2RTC_HOST: 'http://127.0.0.1:9',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function ended(child: ChildProcess) {
  const [out, err, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'exit'),
  ])
  return { out, err, code }
}

/** Waits for a line of the log; what came before it is returned. */
async function logged(child: ChildProcess, line: RegExp): Promise<string> {
  let seen = ''
  for await (const chunk of child.stdout!) {
    seen += chunk
    if (line.test(seen)) return seen
  }
  throw new Error(`ended without ${line}: ${seen}`)
}

t.test('a bad setting stops the start with one line that says what is allowed', async t => {
  const { err, code } = await ended(start(t, { LIVE_MAX_STREAMS: 'many' }))
  t.equal(code, 1)
  t.equal(err, 'camgate cannot start: LIVE_MAX_STREAMS="many" is not usable: a whole number from 1 to 4096\n')
})

t.test('a port that is taken is one line, not a stack', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const { err, code } = await ended(start(t, { PORT: String(port) }))
  t.equal(code, 1)
  t.equal(
    err,
    `camgate cannot start: port ${port} of 127.0.0.1 is taken by another program (EADDRINUSE); PORT and METRICS_PORT choose another one\n`,
  )
  const metrics = await ended(start(t, { METRICS_PORT: String(port) }))
  t.equal(metrics.err, err)
})

t.test('an address that this machine does not have is one line, not a stack', async t => {
  for (const host of ['no-such-host.invalid', '192.0.2.1']) {
    const { err, code } = await ended(start(t, { HOST: host }))
    t.equal(code, 1)
    t.match(
      err,
      new RegExp(`^camgate cannot start: HOST="${host}" is not an address of this machine[^\\n]*\\n$`),
    )
  }
})

t.test('a first password that nobody else might choose must not open the door', async t => {
  for (const [password, reason] of [
    ['admin', 'A password has at least 8 characters, [^\n]*'],
    [`Aa1-${'x'.repeat(69)}`, 'A password has at most 72 bytes'],
  ] as const) {
    const { err, code } = await ended(start(t, { ADMIN_PASSWORD: password }))
    t.equal(code, 1)
    t.match(
      err,
      new RegExp(
        `^camgate cannot start: ADMIN_PASSWORD is not usable: ${reason}; leave it empty to have one made\\n$`,
      ),
    )
    t.notMatch(err, `"${password}"`)
  }
})

t.test('what is hardly meant is told about in one line each, and does no harm', async t => {
  const child = start(t, {
    FRIGATE_HOSTT: 'http://frigate:5000',
    SECRET_KEY: 'short',
    FRIGATE_HOST: 'http://127.0.0.1:9',
    FRIGATE_USER: 'camgate',
  })
  const seen = await logged(child, /Server listening/)
  const warnings = seen.split('\n').filter(line => line.includes('"level":40'))
  t.equal(warnings.length, 3, seen)
  for (const sentence of [
    'FRIGATE_HOSTT is not a setting: did you mean FRIGATE_HOST?',
    'SECRET_KEY has 5 characters',
    'FRIGATE_USER is set and has no effect',
  ])
    t.equal(warnings.filter(line => line.includes(sentence)).length, 1, sentence)
})

t.test('settings of the old ffmpeg container are told about and do no harm', async t => {
  const child = start(t, { HLS_SEGMENTS_PATH: '/tmp/hls', FFMPEG_SERVICE_HOST: 'http://ffmpeg:8080' })
  const seen = await logged(child, /Server listening/)
  t.match(seen, /HLS_SEGMENTS_PATH is set and has no effect/)
  t.match(seen, /FFMPEG_SERVICE_HOST is set and has no effect/)
})

t.test('SIGTERM ends it with 0, so that a supervisor does not take it for a crash', async t => {
  const child = start(t, {})
  await logged(child, /Server listening/)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

t.test('a second Ctrl-C must not cut the end short: npm sends each of them twice', async t => {
  for (const signals of [
    ['SIGINT', 'SIGINT'],
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGINT'],
    ['SIGHUP', 'SIGHUP'],
  ] as const) {
    const child = start(t, {})
    const database = join(t.testdirName, 'camgate.db')
    await logged(child, /Server listening/)
    t.ok(existsSync(`${database}-wal`))
    for (const signal of signals) child.kill(signal)
    t.same(await once(child, 'exit'), [0, null], signals.join(' '))
    t.notOk(existsSync(`${database}-wal`), 'in order: everything is in the one file')
  }
})

t.test('a signal that comes during the start ends it as a crash', async t => {
  const told = start(t, {})
  const complaints = text(told.stderr!)
  told.stdout!.on('data', chunk => /live limits/.test(String(chunk)) && told.kill('SIGTERM'))
  const [code] = await once(told, 'exit')
  t.equal(await complaints, '')
  t.equal(code, 0)

  const asked = start(t, {})
  let log = ''
  asked.stdout!.on('data', chunk => {
    if (/live limits/.test(String(chunk))) asked.kill('SIGUSR2')
    log += chunk
  })
  await until(() => asked.exitCode !== null || /memory trimmed on request/.test(log))
  t.equal(asked.exitCode, null)
})
