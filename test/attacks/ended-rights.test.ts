import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startBuiltWhole } from '../support/built-house.ts'
import { startBuilt } from '../support/built-server.ts'
import { rowsIn } from '../support/database-file.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openStream } from '../support/hls-client.ts'
import { TestPlayer } from '../support/live-server.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { newUser, PASSWORD, type SignedIn } from '../support/users.ts'

const CAMERA = 'Driveway'
/** Time enough to open everything before it ends. */
const SHORT_SECONDS = 12

/** The built server with all that a token for media opens; its clips come so far and no farther. */
async function startAttacked(t: Test, env: Record<string, string> = {}) {
  const CLIP_CACHE_PATH = join(await temporaryFolder(t), 'cache')
  const house = await startBuiltWhole(t, { env: { CLIP_CACHE_PATH, ...env } })
  house.frigate.clipPaused = true
  return { ...house, path: `/api/events/${house.frigate.household.events[1]!.id}/clip.mp4` }
}

type House = Awaited<ReturnType<typeof startAttacked>>

/** Something that goes on until the right that it was opened with ends. */
interface Running {
  readonly kind: string
  ended(): boolean
  /** Bytes or messages that came. */
  received(): number
}

async function mediaToken(t: Test, user: SignedIn, ttl: number): Promise<string> {
  const reply = await user.request('/api/auth/media-token', { method: 'POST', body: { camera: CAMERA, ttl } })
  t.equal(reply.status, 200)
  return ((await reply.json()) as { token: string }).token
}

async function playerToken(t: Test, user: SignedIn): Promise<string> {
  const reply = await user.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: 'wall', cameras: [CAMERA] },
  })
  t.equal(reply.status, 201)
  return ((await reply.json()) as { token: string }).token
}

async function endless(t: Test, kind: string, url: string): Promise<Running> {
  const sent = request(url).end()
  t.teardown(() => sent.destroy())
  sent.on('error', () => {})
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  t.equal(reply.statusCode, 200, kind)
  let ended = false
  let bytes = 0
  reply.on('error', () => {})
  reply.on('close', () => {
    ended = true
  })
  reply.on('data', chunk => {
    bytes += chunk.length
  })
  return { kind, ended: () => ended, received: () => bytes }
}

/** One of everything that a token for media opens and that has no end of its own. */
async function openAll(t: Test, { origin, path }: House, token: string) {
  const url = (way: string) => `${origin}${way}${way.includes('?') ? '&' : '?'}token=${token}`
  const player = await new TestPlayer(url(`/api/ws?src=${CAMERA}`)).opened()
  t.teardown(() => player.ws.terminate())
  player.say('mse', 'avc1.640029,mp4a.40.2')
  const pictures = await new TestPlayer(url(`/live/mse/api/ws?src=${CAMERA}`)).opened()
  t.teardown(() => pictures.ws.terminate())
  pictures.say('mjpeg')
  const flowing: Running[] = [
    {
      kind: 'WebSocket',
      ended: () => player.closed !== undefined,
      received: () => player.media.length,
    },
    {
      kind: 'WebSocket, motion JPEG',
      ended: () => pictures.closed !== undefined,
      received: () => pictures.media.length,
    },
    await endless(t, 'MP4', url(`/api/camera/${CAMERA}/stream.mp4`)),
    await endless(t, 'MP4 by stream', url(`/api/go2rtc/mse/${CAMERA}`)),
    await endless(t, 'motion JPEG', url(`/api/go2rtc/stream.mjpeg?src=${CAMERA}`)),
    await endless(t, 'events', url('/api/events/stream')),
  ]
  await until(() => flowing.every(one => one.received() > 0))
  return [...flowing, await endless(t, 'clip', url(path))]
}

/** HLS of the camera: what its handle answers. */
async function openHls(origin: string, token: string) {
  const { media, load, at } = await openStream(
    `${origin}/api/camera/${CAMERA}/stream.m3u8?ll=1&token=${token}`,
  )
  const { segments } = await load()
  const segment = at(segments.find(({ uri }) => uri !== undefined)!.uri!)
  const status = async (url: string) => (await fetch(url)).status
  return {
    media,
    statuses: async () => [await status(media), await status(segment)],
    /** A reload that waits for the next segment, again when it has waited for long; resolves to how it ended. */
    wait: async () => {
      let { segments: now } = await load()
      // What the camera had sent before it paused may still become a segment.
      for (let before = -1; before !== now.at(-1)!.number; ) {
        before = now.at(-1)!.number
        await sleep(SETTLE_MS)
        now = (await load()).segments
      }
      const url = `${media}?_HLS_msn=${now.at(-1)!.number + 1}`
      for (;;) {
        const answer = await status(url).catch(() => 'cut off')
        if (answer !== 503) return answer
      }
    },
  }
}

/** What is under way when a camera pauses comes sooner. */
const SETTLE_MS = 700

// They mostly wait.
t.jobs = 3
const buffered = { buffered: true }

t.test('what was opened with a media token must not go on when the token has ended', buffered, async t => {
  const house = await startAttacked(t, { LIVE_SILENT_SECONDS: '3600' })
  const { admin, origin, go2rtc, held } = house
  const long = await mediaToken(t, admin, 3600)
  const [control, controlHls] = [await openAll(t, house, long), await openHls(origin, long)]

  const short = await mediaToken(t, admin, SHORT_SECONDS)
  const ends = performance.now() + SHORT_SECONDS * 1000
  const [running, hls] = [await openAll(t, house, short), await openHls(origin, short)]
  t.not(hls.media, controlHls.media, 'a handle of its own')
  t.same(await hls.statuses(), [200, 200])
  go2rtc.stream(CAMERA).pause()
  const waiting = hls.wait()
  const controlWaiting = controlHls.wait()

  await until(() => running.every(one => one.ended()))
  t.comment(`all ended ${Math.round(performance.now() - ends)} ms after the token`)
  t.same(await hls.statuses(), [404, 404], 'HLS by the handle that it was given')
  t.match(String(await waiting), /^(cut off|404)$/, 'a reload that waits')
  for (const one of control) t.equal(one.ended(), false, `${one.kind} of a longer token goes on`)
  t.same(await controlHls.statuses(), [200, 200], 'HLS of a longer token goes on')
  go2rtc.stream(CAMERA).resume()
  t.equal(await controlWaiting, 200)
  t.equal((await held()).open.viewers, control.length)
})

t.test('a handle of a media token must not come back with a restart', buffered, async t => {
  const first = await startAttacked(t)
  const hls = await openHls(first.origin, await mediaToken(t, first.admin, SHORT_SECONDS))
  const control = await openHls(first.origin, await mediaToken(t, first.admin, 3600))
  await first.stop()
  const clock = await fakeClock(t, 'passing')
  const { origin } = await startBuilt(t, {
    ...clock.env,
    DATABASE_PATH: first.databasePath,
    GO2RTC_HOST: first.go2rtc.origin,
  })
  const status = async ({ media }: { media: string }) =>
    (await fetch(media.replace(first.origin, origin))).status
  t.equal(await status(hls), 200, 'while the token lasts it outlives the process')
  await clock.ahead(SHORT_SECONDS * 1000)
  // Connections that were idle for so long are closed.
  await until(async () => (await status(hls).catch(() => 0)) === 404)
  t.equal(await status(control), 200, 'that of a longer token goes on')
  const kept = () => rowsIn(first.databasePath, 'SELECT id FROM path_handles').length
  t.equal(kept(), 2)
  await clock.ahead(90_000)
  await until(() => kept() === 1)
  await until(async () => (await status(control).catch(() => 0)) === 200)
})

/** The ways in which a password changes hands, and whether the user's player tokens are to end with it. */
const passwordChanges: {
  how: string
  ends: boolean
  change(house: House, user: SignedIn): Promise<Response>
}[] = [
  {
    how: 'a password changed without a word',
    ends: false,
    change: (_, user) => changePassword(user, {}),
  },
  {
    how: 'a password changed with end_player_tokens',
    ends: true,
    change: (_, user) => changePassword(user, { end_player_tokens: true }),
  },
  {
    how: 'a password reset by an administrator',
    ends: true,
    change: (house, user) => resetPassword(house, user, {}),
  },
  {
    how: 'a password reset with end_player_tokens: false',
    ends: false,
    change: (house, user) => resetPassword(house, user, { end_player_tokens: false }),
  },
]

function changePassword(user: SignedIn, more: object) {
  return user.request('/api/auth/change-password', {
    method: 'POST',
    body: {
      current_password: PASSWORD,
      new_password: 'New-Pass-77',
      confirm_password: 'New-Pass-77',
      ...more,
    },
  })
}

function resetPassword({ admin }: House, { user }: SignedIn, more: object) {
  return admin.request(`/api/admin/users/${user.id}/password`, {
    method: 'POST',
    body: { new_password: 'New-Pass-77', ...more },
  })
}

t.test(
  'a changed password must end what plays with player tokens where that is asked for, and only there',
  buffered,
  async t => {
    const house = await startAttacked(t)
    const { admin, origin } = house
    const other = await openAll(t, house, await playerToken(t, admin))
    for (const [index, { how, ends, change }] of passwordChanges.entries())
      await t.test(how, async t => {
        const username = `kim-${index}`
        const kim = await newUser(origin, admin, username)
        const elsewhere = await signIn(origin, { username, password: PASSWORD })
        const token = await playerToken(t, kim)
        const [bySession, byToken, hls] = [
          await openAll(t, house, elsewhere.token),
          await openAll(t, house, token),
          await openHls(origin, token),
        ]
        t.equal((await change(house, kim)).status, 200)
        await until(() => bySession.every(one => one.ended()))
        if (ends) {
          await until(() => byToken.every(one => one.ended()))
          t.same(await hls.statuses(), [404, 404])
        } else {
          for (const one of byToken) t.equal(one.ended(), false, `${one.kind} goes on`)
          t.same(await hls.statuses(), [200, 200])
        }
        for (const one of other) t.equal(one.ended(), false, `${one.kind} of another user goes on`)
      })
  },
)
