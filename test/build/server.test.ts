import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import { readProcess } from '../../bench/process/proc.ts'
import { runServer } from '../../bench/process/server.ts'
import { ensureBuilt } from '../support/built-server.ts'
import { bundledServer } from '../support/bundled-server.ts'
import { Certificates } from '../support/certificates.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { TestPlayer } from '../support/live-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** The promises of docs/memory.md. */
const IDLE_MB = 84
const IDLE_UNRECLAIMABLE_MB = 36

t.test('the built server does not serve, or is as large as the sources', async t => {
  await ensureBuilt()
  const go2rtc = await startGo2rtc(t)
  const server = await runServer(go2rtc.origin)
  t.teardown(() => server.stop())

  await until(() => readProcess(server.pid).rssMb <= IDLE_MB)
  const { rssMb, peakMb, anonMb } = readProcess(server.pid)
  t.comment(
    `idle: RSS ${rssMb.toFixed(1)} MB, ${peakMb.toFixed(1)} at most; ${anonMb.toFixed(1)} MB of it anonymous`,
  )
  t.ok(anonMb <= IDLE_UNRECLAIMABLE_MB, `${anonMb} MB of anonymous memory`)

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

t.test('the built server must not compile at every start what it compiled before', async t => {
  const cached = (dist: string) =>
    readdirSync(join(dist, 'compile-cache'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => `${name} ${statSync(join(parentPath, name)).mtimeMs}`)
      .sort()
  t.ok(cached('dist').length > 0, 'the build fills the cache')
  const entry = await bundledServer(t)
  const dist = dirname(entry)
  mkdirSync(join(dist, 'compile-cache'))
  const startAndStop = async () => (await runServer('http://127.0.0.1:9', {}, entry)).stop()
  await startAndStop()
  const first = cached(dist)
  t.ok(first.length > 0, 'an empty cache is filled')
  await startAndStop()
  t.same(cached(dist), first, 'Node writes nothing anew: it took all of it')
})

t.test('the built server runs only where it was built', async t => {
  const folder = await temporaryFolder(t)
  for (const part of ['bin', 'dist', 'public', 'package.json'])
    cpSync(part, join(folder, part), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const server = await runServer('http://127.0.0.1:9', {}, join(folder, 'dist/server.js'))
  t.teardown(() => server.stop())
  t.equal((await fetch(`${server.origin}/health`)).status, 200)
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
