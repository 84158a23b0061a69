import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startGo2rtc } from '../support/go2rtc.ts'
import { TestPlayer } from '../support/live-server.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** Listed like go2rtc, but a picture is there only when the test says so. */
async function slowGo2rtc(t: Parameters<typeof serve>[0]) {
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/streams'))
      return response.end('{"Door":{"producers":[],"consumers":null}}')
    if (!request.url?.startsWith('/api/frame.jpeg')) return response.writeHead(404).end()
    waiting.push(() => response.writeHead(200, { 'content-type': 'image/jpeg' }).end('picture'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { origin: `http://127.0.0.1:${port}`, waiting }
}

const refused = (origin: string) =>
  new Promise<boolean>(resolve => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })

t.test('a stop cuts a short request off, takes new ones, or leaves the log of the database', async t => {
  const go2rtc = await slowGo2rtc(t)
  const path = join(await temporaryFolder(t), 'camgate.db')
  const { origin, child } = await serve(t, {
    DATABASE_PATH: path,
    GO2RTC_HOST: go2rtc.origin,
    FRIGATE_HOST: 'none',
  })
  const user = await signIn(origin)
  const picture = user.request('/api/camera/Door/snapshot')
  await until(() => go2rtc.waiting.length === 1)
  t.ok(existsSync(`${path}-wal`))

  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await until(() => refused(origin))
  go2rtc.waiting[0]!()
  const reply = await picture
  t.equal(reply.status, 200)
  t.equal(await reply.text(), 'picture')
  t.same(await exit, [0, null])
  t.notOk(existsSync(`${path}-wal`), 'everything is in the one file')
})

t.test('a request that never ends keeps the process for ever', async t => {
  const go2rtc = await slowGo2rtc(t)
  const { origin, child, output } = await serve(t, {
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    GO2RTC_HOST: go2rtc.origin,
    FRIGATE_HOST: 'none',
    SHUTDOWN_SECONDS: '1',
  })
  const user = await signIn(origin)
  const picture = user.request('/api/camera/Door/snapshot').then(
    reply => reply.text(),
    () => 'cut',
  )
  await until(() => go2rtc.waiting.length === 1)
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await exit, [0, null])
  t.equal(await picture, 'cut')
  t.match(output(), 'requests that did not finish in time are cut off')
})

t.test(
  'a connection that a browser opened in advance holds the end up until requests are cut off',
  async t => {
    const { origin, child, output } = await serve(t, {
      DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
      GO2RTC_HOST: 'http://127.0.0.1:9',
      FRIGATE_HOST: 'none',
    })
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    await fetch(`${origin}/health`)
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    t.same(await exit, [0, null])
    t.notMatch(output(), 'cut off')
  },
)

t.test('players are not told to come back', async t => {
  const go2rtc = await startGo2rtc(t)
  const { origin, child } = await serve(t, {
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    GO2RTC_HOST: go2rtc.origin,
    FRIGATE_HOST: 'none',
  })
  const user = await signIn(origin)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await exit, [0, null])
  await until(() => player.closed !== undefined)
  t.equal(player.closed!.code, 1012)
})
