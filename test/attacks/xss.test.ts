import Database from 'better-sqlite3'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { bundledClip, bundledPictures } from '../../demo/footage/bundled.ts'
import { openPage } from '../support/browser.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { startFrigate } from '../support/frigate.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { TestPlayer } from '../support/live-server.ts'
import { openBuiltInPage } from '../support/page.ts'
import { startRecorder } from '../support/raw-http.ts'
import { until } from '../support/until.ts'

/**
 * Runs as markup, in quotes of either kind and as the end of an element, and says where it came from. `where` is one word in
 * small letters: the page shows some names with capitals.
 */
const payload = (where: string) =>
  `'"><img src=x onerror=ran('${where}')><x-ran class=${where}></x-ran></option></title></textarea>`

/** A page that tells what ran, whatever a policy would have forbidden. */
async function openWatched(t: Test, origin: string, path: string) {
  const ran: string[] = []
  const page = await openBuiltInPage(t, origin, { path, bypassCSP: true })
  for (const name of ['ran', 'Ran', 'RAN'])
    await page.exposeFunction(name, (where: string) => ran.push(where))
  page.on('dialog', dialog => {
    ran.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  /** What foreign texts have become beside text: elements, or what ran. */
  const broken = async () => [
    ...ran,
    ...(await page.locator('x-ran').evaluateAll(all => all.map(one => one.outerHTML))),
  ]
  return { page, broken }
}

/** What a page must never do with a foreign text. */
const insert = (element: object, html: string) => Reflect.set(element, 'innerHTML', html)

/** Goes to a view and waits until these texts are on it, as text. */
async function shows(page: Page, path: string, ...words: string[]): Promise<string[]> {
  await page.goto('about:blank')
  await page.goto(new URL(`/${path}`, base(page)).href)
  const missing = async () => {
    const text = (await page.locator('#app').innerText()).toLowerCase()
    return words.filter(word => !text.includes(`=ran('${word}')`))
  }
  const deadline = Date.now() + 30_000
  while ((await missing()).length > 0 && Date.now() < deadline) await page.waitForTimeout(100)
  return missing()
}

const origins = new WeakMap<Page, string>()
const base = (page: Page) => origins.get(page)!

t.test('a payload that runs is not noticed', async t => {
  const { origin } = await startBuiltHouse(t)
  const { page, broken } = await openWatched(t, origin, '#/streams')
  t.same(await broken(), [])
  await page.locator('main').evaluate(insert, payload('control'))
  await until(async () => (await broken()).length >= 2)
  t.match((await broken())[0], 'control')

  const guarded = await openPage(t)
  const said: string[] = []
  guarded.on('console', message => said.push(message.text()))
  await guarded.goto(origin)
  await guarded.locator('form').waitFor()
  let ran = 0
  await guarded.exposeFunction('ran', () => ran++)
  await guarded.locator('#app').evaluate(insert, payload('control'))
  await until(() => said.some(text => /Content Security Policy/i.test(text)))
  t.equal(ran, 0, 'and the policy of the page keeps it from running in any case')
})

t.test('the name of an event, a label, a zone or a message of Frigate runs in the page', async t => {
  const frigate = await startFrigate(t)
  const { household } = frigate
  const [, model] = household.events
  household.events.splice(
    0,
    household.events.length,
    { ...model!, label: payload('label'), zones: [payload('zone')] },
    { ...model!, id: `${model!.id}b`, camera: payload('place'), startTime: model!.startTime - 1 },
    { ...model!, id: payload('id'), label: 'second', startTime: model!.startTime - 2 },
  )
  const { origin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
  const { page, broken } = await openWatched(t, origin, '#/events')
  origins.set(page, origin)
  t.same(await shows(page, '#/events', 'label', 'place'), [])
  const told = {
    ...model,
    start_time: Date.now() / 1000,
    end_time: null,
    has_clip: false,
    has_snapshot: false,
  }
  const after = {
    ...told,
    id: '1700000000.5-zzzzzz',
    label: payload('arrival'),
    entered_zones: [payload('zone')],
  }
  const publish = setInterval(
    () => frigate.publish('events', JSON.stringify({ type: 'new', before: after, after })),
    300,
  )
  t.teardown(() => clearInterval(publish))
  await page.getByText("('arrival')", { exact: false }).first().waitFor()
  const events = page.getByRole('list', { name: 'Events' }).getByRole('button')
  for (let i = 0; i < (await events.count()); i++) {
    await events.nth(i).click()
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(200)
    await page.keyboard.press('Escape')
  }
  t.ok((await events.count()) >= 4, 'each of them has been opened')
  t.same(await broken(), [])
})

t.test('the name of a camera or a stream of go2rtc runs in the page', async t => {
  const footage = () => [bundledClip('Garden'), bundledPictures('Garden')]
  const name = payload('camera')
  const go2rtc = await startGo2rtc(t, { [name]: footage(), other: footage() })
  const { origin, admin, guest } = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin })
  await guest(name, payload('lost'))
  const url = `${origin}/api/ws?src=${encodeURIComponent(name)}&token=${admin.token}`
  const player = await new TestPlayer(url).opened()
  t.teardown(() => player.ws.terminate())
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 3)
  const { page, broken } = await openWatched(t, origin, '#/live')
  origins.set(page, origin)
  t.same(await shows(page, '#/live', 'camera'), [], 'the wall')
  t.same(await shows(page, `#/live/${encodeURIComponent(name)}`, 'camera'), [], 'one camera')
  t.same(await shows(page, '#/streams', 'camera'), [], 'the streams')
  t.same(await shows(page, '#/manage/memory', 'camera'), [], 'memory')
  await shows(page, '#/events')
  await shows(page, '#/manage/users')
  await page.getByRole('button', { name: 'Actions for guest-1' }).click()
  await page.getByRole('button', { name: /Cameras/ }).click()
  await page.getByRole('dialog').getByText("('camera')").waitFor()
  await page.getByRole('dialog').getByText("('lost')").waitFor()
  t.same(await broken(), [])
})

t.test(
  'a name or a browser of somebody who tried to log in, or what is in the database, runs in the page',
  async t => {
    const { origin, admin, databasePath } = await startBuiltHouse(t, { GO2RTC_HOST: 'http://127.0.0.1:9' })
    await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': payload('agent') },
      body: JSON.stringify({ username: payload('stranger'), password: 'x' }),
    })
    await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': "<svg\tonload=ran('device')>" },
      body: JSON.stringify({ username: 'admin', password: 'Correct-Horse-7' }),
    })
    const own = await admin.request(`/api/admin/users/${admin.user.id}`, {
      method: 'PATCH',
      body: { full_name: payload('fullname'), email: payload('email') },
    })
    t.equal(own.status, 200)
    const database = new Database(databasePath)
    const at = new Date().toISOString().slice(0, 19).replace('T', ' ')
    const hash = 'x'
    const run = (sql: string, ...values: unknown[]) => database.prepare(sql).run(...values)
    run(
      'INSERT INTO users (username, password_hash, is_admin, is_active) VALUES (?, ?, 0, 1)',
      payload('user'),
      hash,
    )
    run(
      'INSERT INTO blocked_ips (ip_address, blocked_at, blocked_until, failed_attempts, reason) VALUES (?, ?, ?, 4, ?)',
      payload('address'),
      at,
      '2099-01-01 00:00:00',
      payload('reason'),
    )
    run(
      'INSERT INTO audit_log (at, action, actor, target, ip_address, detail) VALUES (?, ?, ?, ?, ?, ?)',
      at,
      payload('action'),
      payload('actor'),
      payload('target'),
      payload('origin'),
      payload('detail'),
    )
    run(
      'INSERT INTO player_tokens (id, user_id, name, token_hash, cameras, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      payload('tokenid'),
      admin.user.id,
      payload('token'),
      hash,
      JSON.stringify([payload('tokencamera')]),
      at,
    )
    database.close()

    const { page, broken } = await openWatched(t, origin, '#/manage/users')
    origins.set(page, origin)
    t.same(await shows(page, '#/manage/users', 'user'), [])
    const actions = page.getByRole('button', { name: /Actions for .*ran\('user'\)/ })
    await actions.click()
    await page.getByRole('button', { name: 'Delete…' }).last().click()
    await page.getByRole('dialog').getByText("('user')").first().waitFor()
    await page.keyboard.press('Escape')
    t.same(await shows(page, '#/manage/security', 'stranger', 'agent', 'address', 'reason'), [])
    await page.getByRole('button', { name: /Unblock .*ran\('address'\)/ }).click()
    await page.getByText("('address')", { exact: false }).first().waitFor()
    t.same(await shows(page, '#/manage/audit', 'action', 'actor', 'target', 'origin', 'detail'), [])
    t.same(await shows(page, '#/account', 'token', 'tokencamera', 'device'), [])
    await shows(page, '#/manage/memory')
    t.same(await broken(), [])
  },
)

t.test('an address that is made up runs in the page, or leaves it empty', async t => {
  const { origin } = await startBuiltHouse(t)
  const { page, broken } = await openWatched(t, origin, '#/live')
  origins.set(page, origin)
  const hashes = [
    `#/${payload('hash')}`,
    `#/live/${payload('hash')}`,
    `#/live/${encodeURIComponent(payload('hash'))}`,
    `#/manage/${encodeURIComponent(payload('hash'))}`,
    '#/live/javascript:ran(1)',
    '#/%',
    '#/live/%zz',
    '#/__proto__',
    '#/constructor/prototype',
    `?next=${encodeURIComponent('javascript:ran(1)')}#/live`,
  ]
  for (const hash of hashes) {
    await shows(page, hash)
    await page.getByRole('navigation', { name: 'Main' }).waitFor()
    await page.locator('main').filter({ hasText: /\w/ }).waitFor()
  }
  t.same(await broken(), [])
})

t.test('what go2rtc or Frigate says of a failure runs in the page', async t => {
  const text = `<!doctype html><body>${payload('failure')}`
  const upstream = await startRecorder(t, (_, socket) => {
    const head = ['HTTP/1.1 500 <img src=x onerror=ran(1)>', 'content-type: text/html', 'connection: close']
    socket.end(`${head.join('\r\n')}\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
  })
  const env = { GO2RTC_HOST: upstream.origin, FRIGATE_HOST: upstream.origin }
  const { origin, admin } = await startBuiltHouse(t, env)
  const { page, broken } = await openWatched(t, origin, '#/live')
  origins.set(page, origin)
  for (const view of ['#/live', '#/live/Garage', '#/events', '#/streams', '#/manage/memory'])
    await shows(page, view)
  t.same(await broken(), [])
  t.ok(upstream.text().length > 0, 'it was asked')

  // Opened as an address of its own, no answer is a page.
  const paths = [
    '/api/cameras',
    '/api/system/status',
    '/api/events',
    '/api/go2rtc/streams',
    `/api/${encodeURIComponent(payload('path'))}`,
    `/${encodeURIComponent(payload('path'))}`,
    `/api/camera/${encodeURIComponent(payload('camera'))}/snapshot`,
    `/api/events?limit=${encodeURIComponent(payload('limit'))}`,
    `/api/recordings/x?timezone=${encodeURIComponent(payload('zone'))}`,
    '/ready',
    '/health',
  ]
  for (const path of paths) {
    const reply = await fetch(origin + path, { headers: { ...admin.headers, accept: 'text/html' } })
    t.match(reply.headers.get('content-type'), 'application/json', path)
    t.equal(reply.headers.get('x-content-type-options'), 'nosniff', path)
    t.notMatch(await reply.text(), /failure/, path)
  }
})
