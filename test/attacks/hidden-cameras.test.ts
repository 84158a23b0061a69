import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { bundledClip, bundledPictures } from '../../demo/footage/bundled.ts'
import { eventId, type HouseholdEvent } from '../../demo/frigate/household.ts'
import { startBuiltWhole } from '../support/built-house.ts'
import { readSome } from '../support/endless.ts'
import { TestPlayer } from '../support/live-server.ts'
import { readEvents } from '../support/read-events.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

const VISIBLE = 'Driveway'
const HIDDEN = 'Nursery'

const MEDIA = 'media of a camera that one sees, from the camera itself'
const ENDLESS = 'tested below'

/** What a user of chosen cameras can reach: an address of it, or why it is not compared. A new route of openapi.json has its line here. */
const REACHED: Readonly<Record<string, string | { readonly left: string }>> = {
  '/health': '/health',
  '/ready': '/ready',
  '/api/public/cameras': '/api/public/cameras',
  '/api/public/camera/{id}/snapshot': `/api/public/camera/${VISIBLE}/snapshot`,
  '/vendor/uplot.js': '/vendor/uplot.js',
  '/vendor/uplot.css': '/vendor/uplot.css',
  '/': '/',
  '/api/auth/me': '/api/auth/me',
  '/api/auth/sessions': '/api/auth/sessions',
  '/api/auth/player-tokens': '/api/auth/player-tokens',
  '/api/cameras': '/api/cameras',
  '/api/cameras/{id}/stream/mse': `/api/cameras/${VISIBLE}/stream/mse`,
  '/api/camera/{id}/snapshot': `/api/camera/${HIDDEN}/snapshot`,
  '/api/frigate/cameras': '/api/frigate/cameras',
  '/api/events': '/api/events?limit=50',
  '/api/frigate/events': '/api/frigate/events',
  '/api/events/summary': '/api/events/summary?zones=Driveway,Cot,Porch',
  '/api/events/{id}/snapshot.jpg': '/api/events/1.1-none/snapshot.jpg',
  '/api/events/{id}/thumbnail.jpg': '/api/events/1.1-none/thumbnail.jpg',
  '/api/events/{id}/clip.mp4': '/api/events/1.1-none/clip.mp4',
  '/api/frigate/events/{id}/clip.mp4': '/api/frigate/events/1.1-none/clip.mp4',
  '/api/events/{id}/clip.m3u8': '/api/events/1.1-none/clip.m3u8',
  '/api/events/stream': { left: ENDLESS },
  '/api/recordings/{id}': `/api/recordings/${VISIBLE}?after=1000&before=2000`,
  '/api/recordings/{id}/summary': `/api/recordings/${VISIBLE}/summary`,
  '/api/frigate/recordings/{id}': `/api/frigate/recordings/${HIDDEN}?after=1000&before=2000`,
  '/api/frigate/recordings/{id}/summary': `/api/frigate/recordings/${HIDDEN}/summary`,
  '/api/recordings/{id}/vod.m3u8': `/api/recordings/${HIDDEN}/vod.m3u8?after=1000&before=2000`,
  '/api/review': '/api/review',
  '/api/exports': '/api/exports',
  '/api/system/status': '/api/system/status',
  '/api/debug/memory': '/api/debug/memory',
  '/api/ws': { left: MEDIA },
  '/api/ws/origin': '/api/ws/origin?origin=https://cams.example.org',
  '/live/mse/api/ws': { left: MEDIA },
  '/api/camera/{id}/stream.mp4': `/api/camera/${HIDDEN}/stream.mp4`,
  '/api/go2rtc/mse/{stream}': `/api/go2rtc/mse/${HIDDEN}`,
  '/api/camera/{id}/stream.m3u8': `/api/camera/${HIDDEN}/stream.m3u8`,
  '/api/go2rtc/hls/{stream}/stream.m3u8': `/api/go2rtc/hls/${HIDDEN}/stream.m3u8`,
  '/api/stream-buffer/status': '/api/stream-buffer/status',
  '/api/go2rtc/streams': '/api/go2rtc/streams',
  '/api/go2rtc/frame.jpeg': `/api/go2rtc/frame.jpeg?src=${HIDDEN}`,
  '/api/go2rtc/stream.mjpeg': `/api/go2rtc/stream.mjpeg?src=${HIDDEN}`,
}

/** What openapi.json leaves out: files. */
const PAGE = ['/', '/vendor/uplot.js', '/vendor/uplot.css']

/** What moves with the time, and the name of a request. */
const MOVING =
  /"(requestId|uptime_seconds|uptime_hours|last_seen|last_login|last_access_seconds_ago|picture_seconds_ago)":("[^"]*"|[\d.]+)/g

async function startHouseWithGuest(t: Test) {
  const footage = () => [bundledClip('Garden'), bundledPictures('Garden')]
  const streams = Object.fromEntries(
    ['Front_Door', 'Front_Door_live', VISIBLE, HIDDEN].map(name => [name, footage()]),
  )
  const house = await startBuiltWhole(t, { streams, env: { API_REQUESTS_PER_MINUTE: '1000000' } })
  const guest = await house.guest(VISIBLE)
  /** No administrator either, but of every camera. */
  const witness = await newUser(house.origin, house.admin, 'witness')
  return { ...house, guest, witness }
}

/** Status, headers and body, without what moves with the time. */
async function answer(user: SignedIn, path: string): Promise<string> {
  const reply = await user.request(path, { headers: { connection: 'close' } })
  // The length is that of the body, which has times in it.
  const headers = [...reply.headers].filter(([name]) => name !== 'date' && name !== 'content-length')
  const body = (await readSome(reply, 3000)).toString('latin1').replace(MOVING, '"$1":')
  return JSON.stringify([reply.status, headers, body])
}

async function answers(user: SignedIn, paths: readonly string[]) {
  const got = new Map<string, string>()
  for (const path of paths) got.set(path, await answer(user, path))
  return got
}

const ALL = Object.values(REACHED).filter(address => typeof address === 'string')
/** Where a user of every camera sees what happens at the hidden one. */
const MOVED = [
  '/api/stream-buffer/status',
  '/api/go2rtc/streams',
  '/api/events?limit=50',
  '/api/frigate/events',
  '/api/events/summary?zones=Driveway,Cot,Porch',
  '/api/review',
  '/api/exports',
  '/api/debug/memory',
]

let made = 0
function happening(camera: string): HouseholdEvent {
  const startTime = Math.floor(Date.now() / 1000)
  return {
    id: eventId(startTime, `h${made++}`),
    camera,
    label: 'person',
    zones: ['Cot', VISIBLE],
    startTime,
    endTime: startTime + 1,
    score: 0.8,
    hasClip: true,
    hasSnapshot: true,
  }
}

t.test('a route must not be reachable for a user of chosen cameras that nobody compares', async t => {
  const { guest } = await startHouseWithGuest(t)
  const text = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')
  const { paths } = JSON.parse(text) as {
    paths: Record<string, Record<string, { 'x-scope': string }>>
  }
  const scopes = new Map(
    Object.entries(paths).flatMap(([path, { get }]) => (get ? [[path, get['x-scope']] as const] : [])),
  )
  const reachable = [...scopes.keys()].filter(path => !/admin|handle/.test(scopes.get(path)!))
  t.same([...reachable, ...PAGE].sort(), Object.keys(REACHED).sort())
  for (const [path, scope] of scopes)
    if (scope === 'admin') t.equal((await guest.request(path.replace('{id}', '1'))).status, 403, path)
})

t.test('what happens at a hidden camera must not move what a user of chosen cameras sees', async t => {
  const { origin, frigate, guest, witness, admin, held } = await startHouseWithGuest(t)
  const before = { guest: await answers(guest, ALL), witness: await answers(witness, MOVED) }

  const player = await new TestPlayer(`${origin}/api/ws?src=${HIDDEN}&token=${admin.token}`).opened()
  t.teardown(() => player.ws.terminate())
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 3)
  t.equal((await admin.request(`/api/camera/${HIDDEN}/stream.m3u8`)).status, 200)
  t.equal((await admin.request(`/api/camera/${HIDDEN}/snapshot`)).status, 200)
  await admin.request('/api/cameras/start-streaming', { method: 'POST', body: { cameras: [HIDDEN] } })
  const { household } = frigate
  for (let i = 0; i < 60; i++) household.events.unshift(happening(HIDDEN))
  household.exports.unshift({ id: 'hidden-one', camera: HIDDEN, name: 'Cot', date: Date.now() / 1000 })
  household.reviews.unshift({ ...household.reviews[0]!, id: eventId(1, 'hidden'), camera: HIDDEN })
  household.recordings.unshift({ camera: HIDDEN, startTime: 1500, duration: 10, segmentSize: 1 })
  t.ok((await held()).open['live bytes']! > 0)

  const after = { guest: await answers(guest, ALL), witness: await answers(witness, MOVED) }
  for (const [path, got] of after.guest) t.equal(got, before.guest.get(path), path)
  for (const path of MOVED)
    t.not(after.witness.get(path), before.witness.get(path), `who sees the camera sees it on ${path}`)
})

t.test('the events of a hidden camera must not be counted by those of another', async t => {
  const { origin, frigate, guest, witness, held } = await startHouseWithGuest(t)
  const token = (user: SignedIn) => `${origin}/api/events/stream?token=${user.token}`
  const told = {
    guest: await readEvents(t, token(guest)),
    witness: await readEvents(t, token(witness)),
  }
  await until(() => [...frigate.webSockets].length > 0)
  const publish = async (camera: string, count: number) => {
    const events = Array.from({ length: count }, () => happening(camera))
    for (const event of events) frigate.publishEvent(event, 'new')
    const last = events.at(-1)!.id
    const seen = camera === VISIBLE ? [told.guest, told.witness] : [told.witness]
    await until(() => seen.every(({ text }) => text().includes(last)))
  }
  await publish(VISIBLE, 1)
  const first = await readEvents(t, token(guest))
  await until(() => first.text().includes('event: ready'))
  await publish(HIDDEN, 300)
  const second = await readEvents(t, token(guest))
  await until(() => second.text().includes('event: ready'))
  t.equal(second.text(), first.text(), 'the place to resume from has not moved')
  const seeing = await readEvents(t, token(witness))
  await until(() => seeing.text().includes('event: ready'))
  t.not(seeing.text(), first.text(), 'for who sees both it has')

  await publish(VISIBLE, 2)
  const ids = told.guest.ids()
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) t.match(id, /^[\w-]{12}$/, 'an id has nothing in it that could be counted')
  const back = await readEvents(t, token(guest), { 'last-event-id': ids[1]! })
  await until(() => back.text().includes('event: ready'))
  t.notMatch(back.text(), 'event: gap', 'who comes back misses nothing, however much was hidden')
  t.equal(back.text().match(/event: new/g)?.length, 2)
  const gone = await readEvents(t, token(witness), { 'last-event-id': told.witness.ids()[1]! })
  await until(() => gone.text().includes('event: ready'))
  t.match(gone.text(), 'event: gap', 'of what one sees, too much is a gap')
  const older = await readEvents(t, token(guest), { 'last-event-id': 'kX3_9aQz.13' })
  await until(() => older.text().includes('event: ready'))
  t.match(older.text(), 'event: gap', 'an id of an older server is one too')
  t.equal((await held()).viewers.events, 8, 'all of them are listening still')
})

t.test('the numbers of requests, and what a refusal says, must not count what others do', async t => {
  const { guest, admin } = await startHouseWithGuest(t)
  const numberOf = async () => {
    const reply = await guest.request('/api/events/1.1-none/snapshot.jpg')
    return ((await reply.json()) as { requestId: string }).requestId
  }
  const numbers: string[] = []
  for (let i = 0; i < 5; i++) {
    numbers.push(await numberOf())
    for (let j = 0; j < 3; j++) await admin.request('/api/cameras')
  }
  t.equal(new Set(numbers).size, 5)
  const values = numbers.map(number => Number.parseInt(number.replace('req-', '').slice(0, 8), 16))
  const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]!))
  t.ok(
    steps.some(step => step > 1000),
    String(numbers),
  )
})
