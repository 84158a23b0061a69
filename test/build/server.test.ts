import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import { readProcess } from '../../bench/process/proc.ts'
import { runServer } from '../../bench/process/server.ts'
import { BUNDLE, CODE_CACHE, Program } from '../../src/program/program.ts'
import { ensureBuilt } from '../support/built-server.ts'
import { Certificates } from '../support/certificates.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { TestPlayer } from '../support/live-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** The promise; from the sources it is 130. */
const IDLE_MB = 84

t.test('the built server does not serve, or is as large as the sources', async t => {
  await ensureBuilt()
  const go2rtc = await startGo2rtc(t)
  const server = await runServer(go2rtc.origin)
  t.teardown(() => server.stop())

  await until(() => readProcess(server.pid).rssMb <= IDLE_MB)
  t.comment(`idle: ${readProcess(server.pid).rssMb.toFixed(1)} MB`)

  t.same(await (await fetch(`${server.origin}/health`)).json(), { status: 'healthy' })
  t.match(await (await fetch(server.origin)).text(), /<script type="module"/)
  t.equal((await fetch(`${server.origin}/vendor/uplot.js`)).status, 200)
  t.match(await server.get('/api/auth/me'), { user: { username: 'bench', is_admin: true } })
  t.match(await server.get('/api/cameras'), { cameras: [{ id: 'Front_Door' }, {}, {}, {}] })
  t.equal(
    (await fetch(`${server.origin}/api/go2rtc/frame.jpeg?src=Garage&token=${server.token}`)).status,
    200,
  )
  const player = await new TestPlayer(`${server.origin}/api/ws?src=Garage&token=${server.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 20)
  player.ws.terminate()
})

t.test('the built server compiles at every start what the build had it compile', t => {
  const check = join(import.meta.dirname, '../support/is-compiled.ts')
  const started = execFileSync('sh', ['bin/start', check, 'dist'], { encoding: 'utf8' })
  t.equal(started, 'true\n')
  const otherwise = execFileSync(process.execPath, ['--max-lazy', check, 'dist'], { encoding: 'utf8' })
  t.equal(otherwise, 'false\n', 'V8 compiles anew where its flags are others')
  t.end()
})

t.test('the built server runs only where it was built', async t => {
  const folder = await temporaryFolder(t)
  for (const part of ['bin', 'dist', 'public', 'package.json'])
    cpSync(part, join(folder, part), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const check = join(import.meta.dirname, '../support/is-compiled.ts')
  const moved = execFileSync('sh', ['bin/start', check, join(folder, 'dist')], { encoding: 'utf8' })
  t.equal(moved, 'true\n')
  const server = await runServer('http://127.0.0.1:9', {}, join(folder, 'dist/server.js'))
  t.teardown(() => server.stop())
  t.equal((await fetch(`${server.origin}/health`)).status, 200)
})

t.test('the code of one bundle runs in place of another that is as long', async t => {
  const folder = await temporaryFolder(t)
  const bundle = "(function () { console.log('first, as it was built') })"
  const other = bundle.replace('first', 'other')
  writeFileSync(join(folder, BUNDLE), bundle)
  const said: unknown[] = []
  t.intercept(console, 'log', { value: (text: unknown) => said.push(text) })
  const built = new Program(folder)
  built.run()
  writeFileSync(join(folder, CODE_CACHE), built.compiled())
  const again = new Program(folder)
  t.ok(again.isCompiled)
  again.run()
  writeFileSync(join(folder, BUNDLE), other)
  const changed = new Program(folder)
  t.notOk(changed.isCompiled)
  changed.run()
  t.same(said, ['first, as it was built', 'first, as it was built', 'other, as it was built'])
})

t.test('the built server does not find the MQTT client, which lies apart from it', async t => {
  const said = Promise.withResolvers<Buffer>()
  const broker = createServer(socket => socket.on('error', () => {}).once('data', said.resolve))
  broker.listen(0, '127.0.0.1')
  await once(broker, 'listening')
  t.teardown(() => broker.close())
  const { port } = broker.address() as AddressInfo
  const server = await runServer('http://127.0.0.1:9', {
    FRIGATE_HOST: 'http://127.0.0.1:9',
    MQTT_URL: `mqtt://127.0.0.1:${port}`,
  })
  t.teardown(() => server.stop())
  const listening = new AbortController()
  t.teardown(() => listening.abort())
  const headers = { authorization: `Bearer ${server.token}` }
  fetch(`${server.origin}/api/events/stream`, { headers, signal: listening.signal }).catch(() => {})
  const packet = await said.promise
  t.equal(packet[0], 0x10, 'CONNECT (MQTT 3.1.1, 3.1)')
  t.equal(packet.toString('latin1', 4, 8), 'MQTT')
})

t.test('the built server, which loads TLS late, does not play from a go2rtc behind TLS', async t => {
  const go2rtc = await startGo2rtc(t)
  const certificates = new Certificates(await temporaryFolder(t))
  const authority = certificates.ofItself('/CN=authority')
  const { key, cert } = certificates.signedBy(authority, 'IP:127.0.0.1')
  const proxy = createTlsServer({ key, cert }, socket => {
    const behind = connect(Number(new URL(go2rtc.origin).port), '127.0.0.1')
    socket.on('error', () => {}).on('close', () => behind.destroy())
    behind.on('error', () => {}).on('close', () => socket.destroy())
    socket.pipe(behind).pipe(socket)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const { port } = proxy.address() as AddressInfo
  const server = await runServer(`https://127.0.0.1:${port}`, { NODE_EXTRA_CA_CERTS: authority.path })
  t.teardown(() => server.stop())
  const player = await new TestPlayer(`${server.origin}/api/ws?src=Garage&token=${server.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 20)
  player.ws.terminate()
})
