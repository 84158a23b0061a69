import t, { type Test } from 'tap'
import { bundledClip, bundledPictures } from '../../demo/footage/bundled.ts'
import { type Call, callsOf } from '../support/calls.ts'
import { readSome } from '../support/endless.ts'
import { startHouse } from '../support/house.ts'
import { TestPlayer, upgradeStatus } from '../support/live-server.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

/** Calls of the old backend's public pages, which need a login now. */
const ALWAYS_401 = /^\/api\/public\//

/** Calls of one's own that would end the session that the others are made with, or may be made a few times a minute. */
const OWN_END = /\/api\/auth\/(logout|change-password|change-username)/

const footage = () => [bundledClip('Garden'), bundledPictures('Garden')]

/** A house whose go2rtc has, besides the cameras, streams that belong to the Nursery or to no camera at all. */
async function houseWithNursery(t: Test) {
  const house = await startHouse(
    t,
    {},
    { API_REQUESTS_PER_MINUTE: '1000000' },
    {
      Front_Door: footage(),
      Front_Door_live: footage(),
      Driveway: footage(),
      Nursery: footage(),
      Nursery_main: footage(),
      birdseye: footage(),
    },
  )
  const guest = await house.guest('Front_Door', 'Driveway')
  /** No administrator either, but of every camera: what the guest must not get, this one does. */
  const witness = await newUser(house.origin, house.admin, 'witness')
  const { events, reviews, exports } = house.frigate.household
  const ofNursery = <T extends { readonly id: string; readonly camera: string }>(rows: readonly T[]) =>
    rows.filter(row => row.camera === 'Nursery').map(row => row.id)
  const ids = [...ofNursery(events), ...ofNursery(reviews), ...ofNursery(exports)]
  return { ...house, guest, witness, ids, names: ['Nursery', 'Nursery_main', 'birdseye'] }
}

const AT_ONCE = 12

async function forEach<T>(items: readonly T[], atOnce: number, act: (item: T) => Promise<void>) {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(act))
}

async function ask(origin: string, user: SignedIn, method: string, path: string, body: unknown) {
  const reply = await fetch(origin + path, {
    method,
    headers: { ...user.headers, connection: 'close' },
    body: method === 'GET' || method === 'HEAD' ? null : JSON.stringify(body),
  })
  return {
    status: reply.status,
    type: reply.headers.get('content-type') ?? '',
    body: await readSome(reply, 400),
  }
}

/** The same answer for what is forbidden and what does not exist, but for what was asked, the number of the request and the memory of the moment. */
function comparable(body: Buffer, ...asked: string[]): string {
  let text = body
    .toString('latin1')
    .replace(/"requestId":"[^"]*"/g, '')
    .replace(/("(?:rss|vms|swap)_mb":)[\d.]+/g, '$1<figure>')
  for (const word of asked)
    text = text.replaceAll(word, '<asked>').replaceAll(encodeURIComponent(word), '<asked>')
  return text
}

t.test('of the Nursery nothing comes out for a user who may not see it, on any route', async t => {
  const { origin, routes, guest, witness, ids, names, admin } = await houseWithNursery(t)
  // Somebody watches the Nursery, so that status pages have something to keep to themselves.
  const watcher = await new TestPlayer(`${origin}/api/ws?src=Nursery&token=${admin.token}`).opened()
  watcher.say('mse', 'avc1.640029,mp4a.40.2')
  t.teardown(() => watcher.ws.terminate())
  await until(() => watcher.media.length > 0)

  const queries = [
    '',
    ...names.flatMap(name => ['src', 'camera', 'cameras'].map(key => `?${key}=${name}`)),
    '?zones=Cot',
    '?zone=Cot',
  ]
  const calls = callsOf(routes, { params: [...names, ...ids.slice(0, 2), ids.at(-1)!], queries })
  const body = { cameras: names, camera: 'Nursery', ids: ids.slice(0, 2), name: 'x' }
  t.ok(calls.length > 500, `${calls.length} calls`)

  const asked = new RegExp(`[?&/](${[...names, ...ids, 'Cot'].map(encodeURIComponent).join('|')})(?![\\w-])`)
  type Kind = 'fails' | 'denies' | 'speaks' | 'describes' | 'shows'
  /** What a user gets of the Nursery: each call with what its answer does. */
  const found = async (user: SignedIn, calls: readonly Call[], atOnce = 1) => {
    const answers: { kind: Kind; call: string }[] = []
    const look = async ({ method, path }: Call) => {
      const reply = await ask(origin, user, method, path, body)
      const text = reply.body.toString('latin1')
      const tell = (kind: Kind) =>
        answers.push({ kind, call: `${method} ${path}: ${reply.status} ${text.slice(0, 200)}` })
      if (reply.status >= 500) tell('fails')
      if ([401, 429].includes(reply.status) && !ALWAYS_401.test(path)) tell('denies')
      // An answer may repeat what was asked; beyond that no name, no id, no picture.
      const said = comparable(reply.body, ...names, ...ids, 'Cot', path)
      if (!asked.test(path) && !method.startsWith('P') && /nursery|\bcot\b/i.test(text)) tell('speaks')
      if (/"(camera|id)":"<asked>".*"(label|start_time|producers|codecs)"/.test(said)) tell('describes')
      if (asked.test(path) && /^(image|video|multipart)\//.test(reply.type)) tell('shows')
    }
    await forEach(calls, atOnce, look)
    return answers
  }
  const allowed = calls.filter(({ method, path }) => !OWN_END.test(path) && !/^(HEAD|OPTIONS)$/.test(method))
  const isReading = ({ method }: Call) => method === 'GET'
  t.same(await found(guest, allowed.filter(isReading), AT_ONCE), [])
  t.same(
    await found(
      guest,
      allowed.filter(call => !isReading(call)),
    ),
    [],
  )

  const few = callsOf(routes, {
    params: ['Nursery', ids[0]!],
    queries: ['', '?src=Nursery', '?camera=Nursery'],
  })
  const ofWitness = await found(witness, few.filter(isReading), AT_ONCE)
  for (const kind of ['speaks', 'describes', 'shows'] as const) {
    const count = ofWitness.filter(answer => answer.kind === kind).length
    t.ok(count > 5, `${count} answers in which who may see the Nursery finds it: ${kind}`)
  }
})

t.test('a camera that a user may not see answers exactly like one that does not exist', async t => {
  const { origin, routes, guest, witness, ids, names } = await houseWithNursery(t)
  const missing = { name: 'Attic', id: '1700000000.000000-nobody' }
  let compared = 0
  for (const [forbidden, unknown] of [
    ...names.map(name => [name, missing.name]),
    ...ids.slice(0, 1).map(id => [id, missing.id]),
  ]) {
    const forms = (value: string) =>
      callsOf(routes, {
        params: [value],
        queries: ['', `?src=${value}`, `?camera=${value}`, `?cameras=${value}`],
      })
    const [those, these] = [forms(unknown!), forms(forbidden!)]
    const pairs = these.map((call, index) => ({ ...call, other: those[index]!.path }))
    const left = (path: string) => OWN_END.test(path) || path.includes('/admin/')
    await forEach(pairs, AT_ONCE, async ({ method, path, other }) => {
      if (left(path) || method === 'HEAD') return
      const body = (value: string) => ({ cameras: [value], camera: value, ids: [value], name: 'x' })
      const [got, expected] = [
        await ask(origin, guest, method, path, body(forbidden!)),
        await ask(origin, guest, method, other, body(unknown!)),
      ]
      const same =
        got.status === expected.status &&
        comparable(got.body, forbidden!).length === comparable(expected.body, unknown!).length
      if (got.status >= 400 || path.includes(forbidden!)) {
        compared++
        if (!same)
          t.same(
            [got.status, comparable(got.body, forbidden!).slice(0, 200)],
            [expected.status, comparable(expected.body, unknown!).slice(0, 200)],
            `${method} ${path}`,
          )
      }
    })
  }
  t.ok(compared > 100, `${compared} answers compared`)

  const reading = (value: string) =>
    callsOf(routes, { params: [value], queries: [`?src=${value}`] }).filter(({ method }) => method === 'GET')
  const statuses = (value: string) =>
    Promise.all(
      reading(value).map(async ({ method, path }) => (await ask(origin, witness, method, path, {})).status),
    )
  const [ofNursery, ofAttic] = [await statuses('Nursery'), await statuses(missing.name)]
  const apart = ofNursery.filter((status, index) => status < 300 && ofAttic[index] === 404)
  t.ok(apart.length >= 8, `${apart.length} calls tell one from the other for who may see the Nursery`)
})

t.test('no WebSocket opens for a stream of the Nursery or of no camera', async t => {
  const { origin, guest, routes } = await houseWithNursery(t)
  const paths = routes.filter(route => route.config?.websocket).map(route => route.url)
  t.ok(paths.length >= 2)
  for (const path of paths) {
    for (const stream of ['Nursery', 'Nursery_main', 'birdseye', 'Attic'])
      t.equal(
        await upgradeStatus(`${origin}${path}?src=${stream}&token=${guest.token}`),
        404,
        `${path} ${stream}`,
      )
    t.equal(await upgradeStatus(`${origin}${path}?src=Front_Door_live&token=${guest.token}`), 101)
  }
})

t.test('every route but the open ones asks who is there, and those of administrators for one', async t => {
  const { origin, routes, guest, admin } = await houseWithNursery(t)
  const open = new Set<string>()
  for (const route of routes) {
    const scope = route.config?.scope
    for (const { method, path } of callsOf([route], { params: ['x'], queries: [''] })) {
      if (scope === undefined || scope === 'open') {
        open.add(`${method} ${route.url}`)
        continue
      }
      const status = async (headers: Record<string, string>) => {
        const reply = await fetch(origin + path, {
          method,
          headers: { ...headers, connection: 'close' },
          body: method === 'GET' || method === 'HEAD' ? null : '{}',
        })
        await reply.body?.cancel()
        return reply.status
      }
      const json = { 'content-type': 'application/json' }
      t.equal(await status(json), scope === 'handle' ? 404 : 401, `${method} ${path} without a token`)
      if (scope === 'admin') t.equal(await status(guest.headers), 403, `${method} ${path} for a user`)
      if (scope === 'handle' || OWN_END.test(path)) continue
      const allowed = await status(scope === 'admin' ? admin.headers : guest.headers)
      t.notOk([401, 403].includes(allowed), `${method} ${path} with the right token: ${allowed}`)
    }
  }
  t.same([...open].filter(route => !route.startsWith('HEAD')).sort(), [
    'GET /*',
    'GET /api/public/camera/:id/snapshot',
    'GET /api/public/cameras',
    'GET /health',
    'GET /ready',
    'GET /vendor/uplot.css',
    'GET /vendor/uplot.js',
    'POST /api/auth/login',
  ])
})
