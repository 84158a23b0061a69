import t, { type Test } from 'tap'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import { callOf, type Manner, objectionTo, operations, type Words } from '../support/api-fuzz.ts'
import { readSome } from '../support/endless.ts'
import { type Chooser, fuzz } from '../support/fuzz.ts'
import { startHouse } from '../support/house.ts'
import { newUser, type SignedIn } from '../support/users.ts'

/** They end what the other calls are made with. */
const OWN_END = /auth\/(logout|change-password)|change-username/
/** Of media, which may be endless, so much is read. */
const SOME_BYTES = 2048
const SOME_MS = 100
/** How many calls run beside one another. */
const AT_ONCE = 8

async function startAttacked(t: Test) {
  const house = await startHouse(
    t,
    {},
    { API_REQUESTS_PER_MINUTE: '100000000', LOGIN_MAX_FAILURES: '1000', WEBRTC: 'relay' },
    bundledStreams(),
  )
  const { admin, origin, frigate } = house
  const guest = await house.guest('Front_Door')
  const disabled = await newUser(origin, admin, 'disabled')
  await admin.request(`/api/admin/users/${disabled.user.id}/active`, {
    method: 'POST',
    body: { is_active: false },
  })
  const made = async (path: string, body: object) =>
    ((await (await admin.request(path, { method: 'POST', body })).json()) as { token: string }).token
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })
  const callers: Readonly<Record<string, Record<string, string>>> = {
    nobody: { 'content-type': 'application/json' },
    admin: admin.headers,
    guest: guest.headers,
    disabled: disabled.headers,
    'a player': bearer(await made('/api/auth/player-tokens', { name: 'wall', cameras: ['Front_Door'] })),
    'a media token': bearer(await made('/api/auth/media-token', { camera: 'Front_Door', ttl: 86_000 })),
  }
  const spare = await newUser(origin, admin, 'spare')
  return { ...house, callers, words: await wordsOf(admin, spare, frigate) }
}

async function wordsOf(
  admin: SignedIn,
  spare: SignedIn,
  { household }: { household: { events: { id: string }[]; reviews: { id: string }[] } },
): Promise<Words> {
  const text = async (path: string) => (await admin.request(path)).text()
  const event = household.events[1]!.id
  const handleOf = (playlist: string) => /hls\/(?:\w+\/)?([\w-]{24})\//.exec(playlist)?.[1] ?? 'none'
  const clip = handleOf(await text(`/api/events/${event}/clip.m3u8`))
  const live = handleOf(await text('/api/camera/Front_Door/stream.m3u8'))
  const cameras = ['Front_Door', 'Driveway', 'Nursery', 'none']
  const users = [String(spare.user.id), '99']
  const ids = Object.fromEntries(
    operations
      .filter(({ path }) => path.startsWith('/api/admin/users/{id}'))
      .map(({ path }) => [`id of ${path}`, users]),
  )
  return {
    ...ids,
    id: [...cameras, event, household.reviews[1]!.id, '1.5-none', '00000000-0000-4000-8000-000000000000'],
    ids: [household.reviews[1]!.id],
    camera: cameras,
    cameras,
    src: ['Front_Door', 'Garage', 'none'],
    stream: ['Front_Door', 'Garage', 'none'],
    handle: [live, clip, 'x'.repeat(24)],
    window: ['0', 'x'],
    name: ['init.mp4', '0.m4s', 'a name'],
    file: ['master.m3u8', 'index-v1-a1.m3u8', 'seg-1-v1-a1.ts'],
    username: ['kim', 'guestFront_Door', 'spare'],
    password: ['Battery-Staple-8', 'weak'],
    zones: ['Driveway', 'Cot', 'none'],
    timezone: ['utc', 'Europe/Berlin'],
    other: ['text', '1', 'Front_Door'],
  }
}

/** One call as one of the callers, against what is described. */
async function ask(house: Awaited<ReturnType<typeof startAttacked>>, choose: Chooser): Promise<string> {
  const { origin, callers, words } = house
  const operation = choose.of(operations.filter(({ path }) => !OWN_END.test(path)))
  const manner = choose.of<Manner>(['valid', 'nearly valid', 'wild'])
  const caller = choose.chance(0.5) ? 'admin' : choose.of(Object.keys(callers))
  const call = callOf(operation, words, manner, choose)
  const reply = await fetch(origin + call.url, {
    method: call.method,
    headers: { ...callers[caller], connection: 'close' },
    body: call.body,
  })
  const type = reply.headers.get('content-type') ?? ''
  const json = type.startsWith('application/json')
  const body = json ? await reply.text() : (await readSome(reply, SOME_MS, SOME_BYTES)).toString('latin1')
  const objection = objectionTo(call, { status: reply.status, type, text: body })
  if (objection) throw new Error(`as ${caller}, ${manner}: ${objection}`)
  return String(reply.status)
}

t.test('a route answers what it does not describe, or fails', async t => {
  const house = await startAttacked(t)
  const ends = new Map<string, number>()
  await fuzz(t, {
    part: 0.01 / AT_ONCE,
    run: async choose => {
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(house, choose)))
      for (const status of all) ends.set(status, (ends.get(status) ?? 0) + 1)
      return 'eight calls'
    },
  })
  t.comment([...ends].map(([status, count]) => `${status}: ${count}`).join(', '))
  const calls = [...ends.values()].reduce((sum, count) => sum + count, 0)
  if (calls > 400) for (const status of ['200', '400', '401', '403', '404']) t.ok(ends.get(status), status)
})

t.test('upstreams that fail have a route answer what it does not describe', async t => {
  const house = await startAttacked(t)
  await fuzz(t, {
    part: 0.001 / AT_ONCE,
    run: async choose => {
      house.frigate.failWith = choose.of([undefined, 401, 404, 500, 503])
      await Promise.all(Array.from({ length: AT_ONCE }, () => ask(house, choose)))
      return 'eight calls'
    },
  })
  house.frigate.failWith = undefined
})
