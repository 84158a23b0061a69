import t, { type Test } from 'tap'
import { bundledClip, bundledPictures } from '../../demo/footage/bundled.ts'
import { callsOf } from '../support/calls.ts'
import { readSome } from '../support/endless.ts'
import { startHouse } from '../support/house.ts'
import { TestPlayer, upgradeStatus } from '../support/live-server.ts'
import type { SignedIn } from '../support/users.ts'

/** Calls of one's own that would end the session that the others are made with. */
const OWN_END = /\/api\/auth\/(logout|change-password)/

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
  const { events, reviews, exports } = house.frigate.household
  const ofNursery = <T extends { readonly id: string; readonly camera: string }>(rows: readonly T[]) =>
    rows.filter(row => row.camera === 'Nursery').map(row => row.id)
  const ids = [...ofNursery(events), ...ofNursery(reviews), ...ofNursery(exports)]
  return { ...house, guest, ids, names: ['Nursery', 'Nursery_main', 'birdseye'] }
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
  const { origin, routes, guest, ids, names, admin } = await houseWithNursery(t)
  // Somebody watches the Nursery, so that status pages have something to keep to themselves.
  const watcher = await new TestPlayer(`${origin}/api/ws?src=Nursery&token=${admin.token}`).opened()
  watcher.say('mse', 'avc1.640029,mp4a.40.2')
  t.teardown(() => watcher.ws.terminate())

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
  for (const { method, path } of calls) {
    if (OWN_END.test(path) || method === 'HEAD' || method === 'OPTIONS') continue
    const reply = await ask(origin, guest, method, path, body)
    const text = reply.body.toString('latin1')
    if (reply.status >= 500) t.fail(`${method} ${path}: ${reply.status}`)
    // An answer may repeat what was asked; beyond that no name, no id, no picture.
    const said = comparable(reply.body, ...names, ...ids, 'Cot', path)
    if (!asked.test(path) && !method.startsWith('P') && /nursery|\bcot\b/i.test(text))
      t.fail(`${method} ${path} speaks of the Nursery: ${text.slice(0, 300)}`)
    if (/"(camera|id)":"<asked>".*"(label|start_time|producers|codecs)"/.test(said))
      t.fail(`${method} ${path} describes the Nursery: ${text.slice(0, 300)}`)
    if (asked.test(path) && /^(image|video|multipart)\//.test(reply.type))
      t.fail(`${method} ${path} shows the Nursery: ${reply.status} ${reply.type}`)
  }
  t.pass(`${calls.length} calls`)
})

t.test('a camera that a user may not see answers exactly like one that does not exist', async t => {
  const { origin, routes, guest, ids, names } = await houseWithNursery(t)
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
    for (const [index, { method, path }] of these.entries()) {
      if (OWN_END.test(path) || path.includes('/admin/') || method === 'HEAD') continue
      const body = (value: string) => ({ cameras: [value], camera: value, ids: [value], name: 'x' })
      const [got, expected] = [
        await ask(origin, guest, method, path, body(forbidden!)),
        await ask(origin, guest, method, those[index]!.path, body(unknown!)),
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
    }
  }
  t.ok(compared > 100, `${compared} answers compared`)
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
  const { origin, routes, guest } = await houseWithNursery(t)
  const open = new Set<string>()
  for (const route of routes) {
    const scope = route.config?.scope
    for (const { method, path } of callsOf([route], { params: ['x'], queries: [''] })) {
      if (scope === undefined || scope === 'open') {
        open.add(`${method} ${route.url}`)
        continue
      }
      const status = async (headers: Record<string, string>) =>
        (
          await fetch(origin + path, {
            method,
            headers,
            body: method === 'GET' || method === 'HEAD' ? null : '{}',
          })
        ).status
      const json = { 'content-type': 'application/json' }
      t.equal(await status(json), scope === 'handle' ? 404 : 401, `${method} ${path} without a token`)
      if (scope === 'admin') t.equal(await status(guest.headers), 403, `${method} ${path} for a user`)
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
