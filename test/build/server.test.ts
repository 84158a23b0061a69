import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import t from 'tap'
import { Child } from '../../bench/process/child.ts'
import { readProcess } from '../../bench/process/proc.ts'
import { environment, runServer } from '../../bench/process/server.ts'
import { Certificates } from '../support/certificates.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { TestPlayer } from '../support/live-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cc } from '../support/tools.ts'
import { until } from '../support/until.ts'

/** The promise; from the sources it is 130. */
const IDLE_MB = 70

t.test('the built server does not serve, or is as large as the sources', async t => {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../build/build.ts')], {
    env: { ...process.env, CC: cc() },
  })
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
  t.ok(await until(() => player.media.length > 20))
  player.ws.terminate()
})

t.test('the built server compiles at every start what the build had it compile', async t => {
  const child = new Child('sh', ['-c', 'exec sh bin/start dist/server.js 2>&1'], {
    ...environment('http://127.0.0.1:9'),
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
  })
  t.teardown(() => child.stop())
  t.ok(await child.line(/V8 code cache for ESM \S+dist\/server\.js was accepted/))
  await child.line(/listening at/)
})

t.test('the built server, which loads TLS late, does not play from a go2rtc behind TLS', async t => {
  const go2rtc = await startGo2rtc(t)
  const certificates = new Certificates(await temporaryFolder(t))
  const authority = certificates.ofItself('/CN=authority')
  const { key, cert } = certificates.signedBy(authority, 'IP:127.0.0.1')
  const proxy = createServer({ key, cert }, socket => {
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
  t.ok(await until(() => player.media.length > 20))
  player.ws.terminate()
})
