import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Footage } from '../../demo/footage/footage.ts'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { eventId } from '../../demo/frigate/household.ts'
import { startBuiltWhole } from '../support/built-house.ts'
import { makeLonger } from '../support/frigate-media.ts'
import { TestPlayer } from '../support/live-server.ts'
import { metric, WITH_METRICS } from '../support/metrics.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** More than the kernel holds for both ends of a connection. */
const BYTES = 16 * 1024 * 1024
const CAMERA = 'Driveway'

/** JPEGs of 5 MB a second. */
function heavyPictures(): Footage {
  const data = Buffer.alloc(200 * 1024, 0xa5)
  return {
    tracks: [{ kind: 'video', codec: 'jpeg', timescale: 25, width: 16, height: 16, config: Buffer.alloc(0) }],
    *samples() {
      for (let timestamp = 0; ; timestamp++) yield { track: 0, timestamp, sync: true, data }
    },
  }
}

/** The built server before a house where each answer is more than anybody's kernel holds. */
async function startHeavy(t: Test) {
  const [web, media] = [await temporaryFolder(t), await temporaryFolder(t)]
  await writeFile(join(web, 'index.html'), '<!doctype html>')
  await writeFile(join(web, 'large.js'), Buffer.alloc(BYTES))
  const house = await startBuiltWhole(t, {
    env: { WEB_ROOT: web, CLIP_CACHE_PATH: join(media, 'cache'), ...WITH_METRICS },
    streams: { [CAMERA]: [synthetic({ bitrate: 30_000_000, gop: 1 }), heavyPictures()] },
  })
  const { household, options } = house.frigate
  const longer = join(media, 'longer.mp4')
  makeLonger(options.media.clip, 20, longer)
  Object.assign(options.media, { fragmented: longer })
  const review = household.reviews[0]!
  household.reviews.length = 0
  for (let i = 0; i < 2000; i++)
    household.reviews.push({
      ...review,
      id: eventId(review.startTime, `r${i}`),
      camera: CAMERA,
      objects: ['x'.repeat(1700)],
    })
  const connections = () => metric(house.origin, 'camgate_connections')
  return { ...house, connections, event: household.events.find(({ camera }) => camera === CAMERA)! }
}

t.test('a reader that takes nothing keeps its answer for as long as it likes', async t => {
  const { origin, port, admin, frigate, event, connections } = await startHeavy(t)
  const authorization = `authorization: Bearer ${admin.token}\r\n`
  const asking = (path: string, times = 1) =>
    new RawClient(t, port).send(get(path, authorization).repeat(times))
  const slow = asking('/large.js')
  const clients = {
    'a file of the page': asking('/large.js'),
    'lists, one after another': asking('/api/review?limit=2000', 4),
    'a clip': asking(`/api/events/${event.id}/clip.mp4`),
    'motion JPEG': asking(`/api/go2rtc/stream.mjpeg?src=${CAMERA}`),
    'live MP4': asking(`/api/camera/${CAMERA}/stream.mp4`),
    events: asking('/api/events/stream'),
  }
  const player = await new TestPlayer(`${origin}/api/ws?src=${CAMERA}&token=${admin.token}`).opened()
  t.teardown(() => player.ws.terminate())
  player.say('mse', 'avc1.640029,mp4a.40.2')
  for (const client of [slow, ...Object.values(clients)]) {
    await until(() => client.statuses[0] === 200)
    client.stall()
  }
  await until(() => player.media.length > 0)
  player.ws.pause()
  // It takes something every few seconds, and is never done within the test.
  const sips = setInterval(() => slow.socket.read(256 * 1024), 3000)
  t.teardown(() => clearInterval(sips))
  await until(() => [...frigate.webSockets].length > 0)
  const zones = Array<string>(50).fill('z'.repeat(100))
  for (let i = 0; i < 2000; i++)
    frigate.publishEvent({ ...event, id: eventId(event.startTime, `e${i}`), zones }, 'new')
  t.ok((await connections()) > 7)

  await until(async () => (await connections()) <= 2, 60_000).catch(() => {})
  t.equal(slow.closed, false)
  // What the kernel holds is there still, and then the end of the connection.
  for (const { socket } of Object.values(clients)) socket.resume()
  player.ws.resume()
  for (const [what, client] of Object.entries(clients)) {
    await until(() => client.closed, 5000).catch(() => {})
    t.ok(client.closed, `${what}: cut`)
    t.ok(client.received.length < BYTES, `${what}: ${client.received.length} bytes`)
  }
  await until(() => player.closed !== undefined, 5000).catch(() => {})
  t.equal(player.closed?.code, 1006, 'a WebSocket: cut')
  clearInterval(sips)
  slow.socket.resume()
  await until(() => slow.received.length > BYTES)
  t.equal(slow.closed, false, 'whoever takes something gets all of it')
})
