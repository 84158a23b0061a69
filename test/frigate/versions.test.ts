import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { CONFIGURED_CAMERAS, readFrigateConfig } from '../../src/frigate/api/config.ts'
import { dialectOf } from '../../src/frigate/api/version.ts'
import { FrigateClient } from '../../src/frigate/connection/client.ts'
import { Frigate } from '../../src/frigate/frigate.ts'
import { FrigateClips } from '../../src/frigate/media/clip-upstream.ts'
import { startFrigate } from '../support/frigate.ts'
import { startHouse } from '../support/house.ts'
import { membersIn } from '../support/members.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']

t.test('a version would be spoken to in another dialect', async t => {
  for (const [version, heightParameter, clipRanges, vod, liveStreams, thumbnails, recordings] of [
    ['0.14.1-f4f3cfa', 'h', true, 'ts', 'stream_name', 'inline', 'last hour'],
    ['0.15.2', 'height', false, 'ts', 'stream_name', 'inline', 'hour before start'],
    ['0.16.0-beta3', 'height', false, 'ts', 'streams', 'file', 'hour before start'],
    ['0.17.1', 'height', false, 'fmp4', 'streams', 'file', 'hour before start'],
    ['0.18.0', 'height', false, 'fmp4', 'streams', 'file', 'hour before start'],
    ['1.0.0', 'height', false, 'fmp4', 'streams', 'file', 'hour before start'],
    ['dev', 'height', false, 'fmp4', 'streams', 'file', 'hour before start'],
    ['0.13.2', 'h', true, 'ts', 'stream_name', 'inline', 'last hour'],
  ] as const)
    t.same(
      dialectOf(version),
      { heightParameter, clipRanges, vod, liveStreams, thumbnails, recordings },
      version,
    )
})

for (const version of VERSIONS)
  t.test(`${version}: the table would say something else than Frigate does, or let it be seen`, async t => {
    const frigate = await startFrigate(t, { version })
    const ask = async (path: string) => fetch(frigate.origin + path)
    const dialect = dialectOf(await (await ask('/api/version')).text())

    const [event] = (await (await ask('/api/events?limit=1')).json()) as { thumbnail: string | null }[]
    t.equal(typeof event?.thumbnail === 'string', dialect.thumbnails === 'inline')
    const unasked = (await (await ask('/api/Driveway/recordings')).json()) as unknown[]
    t.equal(unasked.length > 0, dialect.recordings === 'last hour')
    const config = (await (await ask('/api/config')).json()) as { cameras: Record<string, { live: object }> }
    t.ok(dialect.liveStreams in config.cameras.Front_Door!.live)
    const read = await readFrigateConfig(membersIn(config, CONFIGURED_CAMERAS))
    t.same(read.cameras.get('Front_Door')?.streams, ['Front_Door_live'])
    const { id } = frigate.household.events[1]!
    const clip = await ask(`/api/events/${id}/clip.mp4`)
    t.equal(clip.headers.has('content-length'), dialect.clipRanges)
    await clip.body?.cancel()
    const playlist = await (await ask(`/vod/event/${id}/index-v1-a1.m3u8`)).text()
    t.equal(playlist.includes('#EXT-X-MAP'), dialect.vod === 'fmp4')

    const house = await startHouse(t, { version })
    const [ours] = (await (await house.request('/api/events?limit=1')).json()) as object[]
    t.notOk('thumbnail' in ours!)
    t.ok(((await (await house.request('/api/recordings/Driveway')).json()) as unknown[]).length >= 359)
    t.equal((await house.request('/api/camera/Driveway/snapshot?height=180')).status, 200)
    t.match(
      house.frigate.seen(/latest\.jpg/).map(({ url }) => url),
      [new RegExp(`[?&]${dialect.heightParameter}=180`)],
    )
    t.equal(
      (await house.request(`/api/events/${house.frigate.household.events[1]?.id}/thumbnail.jpg`)).status,
      200,
    )
  })

t.test('a version would be asked for again and again, or not after a failure', async t => {
  let version = '0.15.2'
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === '/api/version') {
      asked++
      response.end(version)
    } else response.writeHead(500).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const frigate = new Frigate(new FrigateClient({ origin, user: undefined, password: undefined }))
  t.teardown(async () => {
    await frigate.client.close()
    server.closeAllConnections()
    server.close()
  })
  for (let i = 0; i < 3; i++) t.equal((await frigate.dialect()).vod, 'ts')
  t.equal(asked, 1)
  version = '0.17.2'
  const failed = new FrigateClips(frigate).open('1.1-a', new AbortController().signal)
  await t.rejects(failed, { code: 'FRIGATE_REFUSED' })
  t.equal((await frigate.dialect()).vod, 'fmp4')
  t.equal(asked, 2)
})
