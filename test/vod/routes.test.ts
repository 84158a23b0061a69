import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { startHouse } from '../support/house.ts'
import { ffprobe } from '../support/tools.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']

async function start(t: Test, version: FrigateVersion = '0.16') {
  const house = await startHouse(t, { version })
  const event = house.frigate.household.events.find(({ camera }) => camera === 'Driveway')!
  return { ...house, event, path: `/api/events/${event.id}/clip.m3u8` }
}

async function probe(address: string) {
  const entries = ['-show_entries', 'format=duration:stream=codec_name', '-of', 'json']
  const { stdout } = await promisify(execFile)(ffprobe(), ['-v', 'error', ...entries, address])
  return JSON.parse(stdout) as { format: { duration: string }; streams: { codec_name: string }[] }
}

/** The first address of a playlist, absolute. */
async function first(playlist: string, base: string): Promise<string> {
  const line = playlist.split('\n').find(line => line !== '' && !line.startsWith('#'))
  return new URL(line!, base).href
}

for (const version of VERSIONS) {
  t.test(`${version}: a clip and a recording as HLS are played to their end by ffmpeg`, async t => {
    const { origin, path, admin, frigate } = await start(t, version)
    const now = Math.floor(Date.now() / 1000)
    const recording = `/api/recordings/Driveway/vod.m3u8?after=${now - 60}&before=${now}`
    for (const address of [`${path}?t=1`, recording]) {
      const { format, streams } = await probe(`${origin}${address}&token=${admin.token}`)
      t.ok(Math.abs(Number(format.duration) - 10) < 0.5)
      t.ok(streams.some(({ codec_name }) => codec_name === 'h264'))
      t.ok(streams.some(({ codec_name }) => codec_name === 'aac'))
    }
    t.ok(frigate.seen(new RegExp(`^/vod/Driveway/start/${now - 60}/end/${now}/`)).length > 1)
    t.ok(frigate.seen(['0.17', '0.18'].includes(version) ? /\.m4s$/ : /\.ts$/).length > 0)
    t.notOk(
      frigate.seen(/^\/vod/).some(({ url, headers }) => /token|\?/.test(url) || headers.authorization),
      'no token of ours reaches Frigate',
    )
  })
}

t.test('what a playlist names would need a token, or work for anybody for ever', async t => {
  const { origin, path, request, admin } = await start(t)
  const master = await request(path)
  t.equal(master.headers.get('content-type'), 'application/vnd.apple.mpegurl')
  t.match(master.headers.get('cache-control'), /private/)
  const index = await first(await master.text(), `${origin}${path}`)
  t.notMatch(index, admin.token)
  const segment = await first(await (await fetch(index)).text(), index)
  t.equal((await fetch(segment)).status, 200, 'without a token')
  t.equal((await request(path)).status, 200)
  t.equal((await fetch(segment)).status, 200, 'the same path as long as the session lives')
  t.equal((await fetch(segment.replace(/seg-1-/, 'seg-99-'))).status, 404)
  t.equal((await fetch(segment.replace(/clip\/[\w-]+/, `clip/${'x'.repeat(24)}`))).status, 404)
  t.equal((await fetch(segment.replace('/clip/', '/recording/'))).status, 404)
  await request('/api/auth/logout', { method: 'POST' })
  t.equal((await fetch(segment)).status, 404, 'dead with its session')
})

t.test('DELETE …/hls would leave the path alive', async t => {
  const { origin, path, request, event } = await start(t)
  const index = await first(await (await request(path)).text(), `${origin}${path}`)
  t.equal((await fetch(index)).status, 200)
  const reply = await request(`/api/events/${event.id}/hls`, { method: 'DELETE' })
  t.equal(reply.status, 200)
  t.same(await reply.json(), { deleted: true })
  t.equal((await fetch(index)).status, 404)
  const again = await request(`/api/events/${event.id}/hls`, { method: 'DELETE' })
  t.same(await again.json(), { deleted: true }, 'also where there is nothing')
})

t.test('a guest would play what another camera has seen', async t => {
  const { origin, path, admin, guest, event } = await start(t)
  const now = Math.floor(Date.now() / 1000)
  const stranger = await guest('Nursery')
  t.equal((await stranger.request(path)).status, 404)
  t.equal(
    (await stranger.request(`/api/recordings/Driveway/vod.m3u8?after=${now - 60}&before=${now}`)).status,
    404,
  )

  const friend = await guest('Driveway')
  const index = await first(await (await friend.request(path)).text(), `${origin}${path}`)
  t.equal((await fetch(index)).status, 200)
  const wrong = await fetch(index, { headers: { authorization: `Bearer ${stranger.token}` } })
  t.equal(wrong.status, 403, "another user's token along with it")
  await admin.request(`/api/admin/users/${friend.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Nursery'] },
  })
  t.equal((await fetch(index)).status, 404, `dead when ${event.camera} is taken away`)
})

t.test('a span that is no span, and a file that is no file, would reach Frigate', async t => {
  const { origin, path, request, frigate } = await start(t)
  const index = await first(await (await request(path)).text(), `${origin}${path}`)
  await request('/api/cameras')
  const before = frigate.requests.length
  for (const query of ['', '?after=1', '?after=9&before=1', '?after=0&before=90001', '?after=x&before=1']) {
    const reply = await request(`/api/recordings/Driveway/vod.m3u8${query}`)
    t.equal(reply.status, 400, query)
  }
  const folder = index.slice(0, index.lastIndexOf('/') + 1)
  for (const file of ['..%2f..%2fapi%2fconfig', 'config', 'a%00.ts', `${'x'.repeat(200)}.ts`, 'a.ts%3fx']) {
    const { status } = await fetch(folder + file)
    t.ok(status === 404 || status === 400, file)
  }
  t.equal(frigate.requests.length, before)
})

t.test('Frigate down: a playlist is a 502 with a sentence', async t => {
  const { path, request, frigate } = await start(t)
  await request('/api/events')
  await frigate.stop()
  const reply = await request(path)
  t.equal(reply.status, 502)
  t.match(await reply.json(), { code: 'FRIGATE_UNREACHABLE' })
})
