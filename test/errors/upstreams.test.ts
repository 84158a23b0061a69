import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FileBody } from '../../src/clips/file-body.ts'
import { startApp } from '../support/app.ts'
import { startClips } from '../support/clips.ts'
import { fillWithOthers } from '../support/fill-share.ts'
import { openStream } from '../support/hls-client.ts'
import { startHouse } from '../support/house.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** The server without Frigate, in front of a go2rtc that answers so. */
async function behind(t: Test, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const { app, origin } = await startApp(t, {
    GO2RTC_HOST: `http://127.0.0.1:${port}`,
    FRIGATE_HOST: 'none',
  })
  return { app, ...(await signIn(origin)) }
}

async function codeOf(reply: Response): Promise<[number, unknown]> {
  return [reply.status, ((await reply.json()) as { code?: unknown }).code]
}

t.test('a go2rtc that answers with a failure must not be told as another one', async t => {
  const listed = '{"Door":{"producers":[],"consumers":null}}'
  const failing = await behind(t, (_, response) => response.writeHead(500).end())
  t.same(await codeOf(await failing.request('/api/cameras')), [502, 'GO2RTC_REFUSED'])

  const blind = await behind(t, (request, response) => {
    if (request.url?.startsWith('/api/streams')) response.end(listed)
    else response.writeHead(500).end()
  })
  t.equal((await blind.request('/api/cameras')).status, 200)
  t.same(await codeOf(await blind.request('/api/camera/Door/snapshot')), [502, 'SNAPSHOT_UNAVAILABLE'])
  t.same(await codeOf(await blind.request('/api/go2rtc/mse/Window')), [404, 'STREAM_UNKNOWN'])
  t.same(await codeOf(await blind.request('/api/review')), [404, 'FRIGATE_ABSENT'])
})

t.test('what Frigate has not must not be told with another code', async t => {
  const { request, frigate, guest, origin, app } = await startHouse(t)
  const [review] = frigate.household.reviews
  const viewed = (id: string) => request(`/api/review/${id}/viewed`, { method: 'DELETE', body: {} })
  t.same(await codeOf(await viewed('1700000000.000000-nobody')), [404, 'REVIEW_NOT_FOUND'])
  t.equal((await viewed(review!.id)).status, 200)

  const recording = (after: number, before: number) =>
    request(`/api/recordings/Driveway/vod.m3u8?after=${after}&before=${before}`)
  const now = Math.floor(Date.now() / 1000)
  t.same(await codeOf(await recording(now, now - 60)), [400, 'RANGE_BACKWARDS'])
  t.same(await codeOf(await recording(now - 100 * 3600, now)), [400, 'RANGE_TOO_LONG'])
  const played = await recording(now - 60, now)
  t.equal(played.status, 200)
  const folder = new URL('.', new URL((await played.text()).trim().split('\n').at(-1)!, played.url))
  t.same(await codeOf(await fetch(new URL('no-such-file.xyz', folder))), [404, 'VOD_NOT_FOUND'])

  const user = await guest('Driveway')
  const admin = await signIn(origin)
  const { media } = await openStream(`${origin}/api/camera/Driveway/stream.m3u8?token=${user.token}`)
  t.equal((await fetch(media)).status, 200)
  t.same(await codeOf(await fetch(media, { headers: admin.headers })), [403, 'HANDLE_OF_ANOTHER'])

  const leave = fillWithOthers(app, 'media replies')
  const clip = `/api/events/${frigate.household.events[1]!.id}/clip.mp4`
  t.same(await codeOf(await request(clip)), [503, 'MEDIA_BUSY'])
  leave()
  t.equal((await request(clip)).status, 200)
})

t.test('who finds no place to wait for an upstream must be told so', async t => {
  const house = await startHouse(t)
  const leave = fillWithOthers(house.app, 'waiting requests')
  t.same(await codeOf(await house.request('/api/review')), [503, 'UPSTREAMS_BUSY'])
  leave()
  t.equal((await house.request('/api/review')).status, 200)

  const camera = await behind(t, (request, response) => {
    if (request.url?.startsWith('/api/streams')) response.end('{"Door":{"producers":[],"consumers":null}}')
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end('picture')
  })
  const free = fillWithOthers(camera.app, 'frames')
  t.same(await codeOf(await camera.request('/api/camera/Door/snapshot')), [503, 'PICTURE_BUSY'])
  free()
  t.equal((await camera.request('/api/camera/Door/snapshot')).status, 200)
})

t.test('what an upstream is asked must not outlive the client that wanted it', async t => {
  const reasons: unknown[] = []
  const { origin } = await startApp(t, { FRIGATE_HOST: 'none' }, app => {
    app.get('/asking', (_, reply) =>
      reply.ask(
        signal =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason)
              reject(signal.reason)
            })
          }),
      ),
    )
  })
  const gone = new AbortController()
  const asking = fetch(`${origin}/asking`, { signal: gone.signal }).catch(() => 'gone')
  setTimeout(() => gone.abort(), 100)
  t.equal(await asking, 'gone')
  await until(() => reasons.length > 0)
  t.match(reasons, [{ code: 'CLIENT_GONE', statusCode: 499 }])
})

t.test('a clip that is not there yet, or only in part, must not be told as one that is', async t => {
  const house = await startClips(t)
  house.frigate.clipPaused = true
  house.app.clips.waitMs = 50
  const part = () => house.request(house.path, { headers: { range: 'bytes=0-9' } })
  t.same(await codeOf(await part()), [503, 'CLIP_NOT_READY'])
  house.frigate.clipPaused = false
  house.app.clips.waitMs = 60_000
  t.equal((await part()).status, 206)

  const file = join(await temporaryFolder(t), 'clip')
  writeFileSync(file, 'half!')
  const body = await FileBody.open({ path: file, bytes: 5 }, 0, 9, () => {})
  t.teardown(() => body.close())
  t.equal(await body.read(Buffer.alloc(20)), 5)
  await t.rejects(body.read(Buffer.alloc(20)), { code: 'CLIP_BROKEN', statusCode: 502 })
})
