import t, { type Test } from 'tap'
import { compiledRepeat } from '../../support/addon.ts'
import { repeatBy } from '../../support/app.ts'
import { bytesOf, startHls } from '../../support/hls-client.ts'
import { readPlaylist } from '../../support/playlist.ts'
import { openClient } from '../../support/repeats.ts'
import { until } from '../../support/until.ts'
import { newUser } from '../../support/users.ts'

repeatBy(compiledRepeat())

/** A player on one connection of its own, which has asked for its playlist once. */
async function play(t: Test, url: string) {
  const { host, port, pathname } = new URL(url)
  const client = openClient(t, Number(port))
  const ask = async (path: string) => {
    client.say(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`)
    return client.reply()
  }
  const load = async () => readPlaylist((await ask(pathname)).body.toString())
  const segment = async (uri: string) => ask(new URL(uri, url).pathname)
  await load()
  return { ...client, ask, load, segment, pathname }
}

t.test('a player that repeats is given old playlists, or other bytes than are there', async t => {
  const { open, app } = await startHls(t)
  const { media, at } = await open()
  const player = await play(t, media)
  const first = await player.load()
  await until(async () => (await player.load()).mediaSequence > first.mediaSequence)
  const { segments } = await player.load()
  const newest = segments.at(-1)!
  for (let again = 0; again < 3; again++) {
    const { body } = await player.segment(newest.uri!)
    t.ok(body.equals(await bytesOf(at(newest.uri!))))
  }
  t.ok(body(await player.segment(newest.map!)).equals(await bytesOf(at(newest.map!))))
  const stream = await app.hls.open('Fast')
  t.ok(stream.shelf.answered > 5, 'most of it without being judged again')
  await until(async () => (await player.load()).mediaSequence > newest.number + 3)
  t.equal(
    (await player.segment(newest.uri!)).status,
    404,
    'gone from the shelf when it is gone from the window',
  )
})

t.test('a viewer who has logged out repeats', async t => {
  const { open, origin, user } = await startHls(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media } = await open('', viewer.token)
  const player = await play(t, media)
  const { segments } = await player.load()
  t.equal((await player.segment(segments.at(-1)!.uri!)).status, 200)
  await viewer.request('/api/auth/logout', { method: 'POST' })
  t.equal((await player.segment(segments.at(-1)!.uri!)).status, 404)
  t.equal((await player.ask(player.pathname)).status, 404)
})

t.test('a viewer whose cameras were taken away repeats', async t => {
  const { open, origin, user } = await startHls(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media } = await open('', viewer.token)
  const player = await play(t, media)
  await player.load()
  const body = { mode: 'custom', cameras: ['Other'] }
  await user.request(`/api/admin/users/${viewer.user.id}/cameras`, { method: 'PUT', body })
  t.equal((await player.ask(player.pathname)).status, 404)
})

t.test('a stream whose only player repeats counts as one that nobody asks for', async t => {
  const { open, app } = await startHls(t)
  const { media } = await open()
  const player = await play(t, media)
  const stream = await app.hls.open('Fast')
  const { answered } = stream.shelf
  const [hub] = app.live.hubs()
  const long = performance.now() - 25_000
  stream.lastAccess = long
  await until(async () => {
    await player.load()
    return stream.shelf.answered > answered
  })
  t.ok(stream.lastAccess > long + 20_000)
  t.ok(hub!.lastAccess > long + 20_000)
})

function body(reply: { readonly body: Buffer }): Buffer {
  return reply.body
}
