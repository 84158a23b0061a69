import { Agent, get } from 'node:http'
import t, { type Test } from 'tap'
import { deployedCache } from '../../../bench/fronts/nginx.ts'
import { synthetic } from '../../../demo/footage/synthetic.ts'
import { startLive } from '../../support/live-server.ts'
import { readPlaylist } from '../../support/playlist.ts'
import { until } from '../../support/until.ts'

const PLAYERS = 500
const CAMERA = { Fast: [synthetic({ gop: 1, fps: 25, bitrate: 400_000 })] }

/** Debian's nginx with the configuration of `deploy/`, but for its ports and folders. */
async function startNginx(t: Test, camgate: string) {
  const proxy = await deployedCache(camgate)
  t.teardown(() => proxy.stop())
  return proxy
}

async function start(t: Test) {
  const server = await startLive(t, {
    streams: CAMERA,
    env: { HLS_SHARED_CACHE: '1', TRUSTED_PROXIES: '127.0.0.1' },
  })
  return { ...server, proxy: await startNginx(t, server.origin) }
}

/** The status and length of an answer, over a connection that is kept. */
function load(url: string, agent: Agent): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, reply => {
      let bytes = 0
      reply.on('data', (piece: Buffer) => {
        bytes += piece.length
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, bytes }))
      reply.on('error', reject)
    })
    request.on('error', reject)
  })
}

/** How often camgate itself was asked for each segment. */
function countMedia(app: Awaited<ReturnType<typeof startLive>>['app']): Map<string, number> {
  const counts = new Map<string, number>()
  app.server.on('request', ({ url = '' }) => {
    const [, name] = /^\/api\/hls-cache\/[\w-]+\/([\w.-]+)$/.exec(url) ?? []
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  })
  return counts
}

async function openMedia(origin: string, token: string) {
  const url = `${origin}/api/camera/Fast/stream.m3u8?token=${token}`
  const reply = await fetch(url)
  if (reply.status !== 200) throw new Error(`${reply.status}: ${await reply.text()}`)
  return String(new URL((await reply.text()).trim().split('\n').at(-1)!, url))
}

t.test('five hundred players behind nginx ask camgate for each segment more than once', async t => {
  const { app, user, proxy } = await start(t)
  const counts = countMedia(app)
  const media = await openMedia(proxy.origin, user.token)
  const agent = new Agent({ keepAlive: true, maxSockets: PLAYERS })
  t.teardown(() => agent.destroy())
  const seen = new Set<string>()
  for (let round = 0; round < 4; round++) {
    const playlist = readPlaylist(await (await fetch(media)).text())
    const newest = playlist.segments.at(-1)!
    for (const uri of [newest.map, newest.uri!]) {
      seen.add(uri.split('/').at(-1)!)
      const url = String(new URL(uri, media))
      const answers = await Promise.all(Array.from({ length: PLAYERS }, () => load(url, agent)))
      t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
      t.equal(new Set(answers.map(({ bytes }) => bytes)).size, 1)
    }
    await until(async () => (await (await fetch(media)).text()) !== playlist.text)
  }
  t.ok(seen.size >= 4)
  for (const name of seen) t.equal(counts.get(name), 1, `${name} was asked for once`)
})

t.test('what the cache holds is given to whom camgate would refuse', async t => {
  const { user, origin, proxy } = await start(t)
  const media = await openMedia(proxy.origin, user.token)
  const playlist = readPlaylist(await (await fetch(media)).text())
  const url = String(new URL(playlist.segments.at(-1)!.uri!, media))
  const [, window, name] = /([\w-]+)\/([\w.-]+)$/.exec(url)!
  const first = await fetch(url)
  t.equal(first.status, 200)
  t.equal(first.headers.get('cache-control'), 'private, max-age=60')
  const whole = new Uint8Array(await first.arrayBuffer())
  const part = await fetch(url, { headers: { range: 'bytes=0-9' } })
  t.equal(part.status, 206)
  t.same(new Uint8Array(await part.arrayBuffer()), whole.slice(0, 10))
  const direct = await fetch(`${origin}/api/hls-cache/${window}/${name}`)
  t.equal(direct.headers.get('cache-control'), 'public, max-age=3600, immutable')

  t.equal((await fetch(`${proxy.origin}/api/hls-cache/${window}/${name}`)).status, 404)
  t.equal((await fetch(`${proxy.origin}/camgate-authorized`)).status, 404)
  t.equal((await fetch(url.replace(/hls\/[\w-]+/, `hls/${'A'.repeat(24)}`))).status, 403)
  t.equal((await fetch(url.replace(window!, 'B'.repeat(22)))).status, 403)
  await user.request('/api/auth/logout', { method: 'POST' })
  t.equal((await fetch(url)).status, 403, 'also of the cache, as soon as the session has ended')
  t.equal(await proxy.errors(), '')
})

t.test('a stranger is taken for the cache', async t => {
  const { app, user, origin } = await startLive(t, { streams: CAMERA, env: { HLS_SHARED_CACHE: '1' } })
  const media = await openMedia(origin, user.token)
  const [segment] = readPlaylist(await (await fetch(media)).text()).segments
  const [, window, name] = /([\w-]+)\/([\w.-]+)$/.exec(segment!.uri!)!
  t.equal((await fetch(`${origin}/api/hls-cache/${window}/${name}`)).status, 404)
  t.equal(app.hls.size, 1)
})
