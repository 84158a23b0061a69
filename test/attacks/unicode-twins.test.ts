import t, { type Test } from 'tap'
import { bundledClip, bundledPictures } from '../../demo/footage/bundled.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { upgradeStatus } from '../support/live-server.ts'
import { newUser, PASSWORD } from '../support/users.ts'

/** Names that people, or a database, could take for `admin`. */
const ADMINS: Readonly<Record<string, string>> = {
  'capital letters': 'ADMIN',
  'one capital letter': 'aDmin',
  'full width': 'ａｄｍｉｎ',
  'one letter of full width': 'admiｎ',
  'a dotless i': 'admın',
  'a Cyrillic a': 'аdmin',
  'a Cyrillic i': 'admіn',
  'a Greek omicron and nu': 'admiν',
  'a mathematical a': '𝐚dmin',
  'a circled letter': 'ⓐdmin',
  'a superscript letter': 'admiⁿ',
  'a filler that shows nothing': 'admin\u3164',
  'a narrow filler that shows nothing': 'admin\uffa0',
  'another filler': 'admin\u115f',
  'a space of no width': 'admin\u200b',
  'a joiner': 'ad\u200dmin',
  'a soft hyphen': 'ad\u00admin',
  'a mark of direction': '\u202eadmin',
  'a variation selector': 'admin\ufe0f',
  'a combining mark': 'admin\u0334',
  'a space in it': 'ad min',
  'a space that does not break': 'admin\u00a0',
  'a tag of the supplementary planes': 'admin\u{e0061}',
  'a null': 'admin\0',
  'a line feed': 'admin\n',
}

t.test('an account has a name that is taken for another', async t => {
  const { admin } = await startBuiltHouse(t)
  const create = async (username: string) => {
    const body = { username, password: PASSWORD }
    const reply = await admin.request('/api/admin/users', { method: 'POST', body })
    return { status: reply.status, ...((await reply.json()) as { code?: string }) }
  }
  for (const name of ['Zoë', 'Дмитрий', '山田太郎', 'Ελένη', 'user_1', 'ayşe', 'Straße', '김철수kim'])
    t.equal((await create(name)).status, 201, `${name} is a name`)
  for (const [what, name] of Object.entries(ADMINS)) {
    const { status, code } = await create(name)
    t.ok(status === 400 || status === 409, `${what}: ${status}`)
    t.ok(['USERNAME_TAKEN', 'MIXED_SCRIPTS', 'BAD_USERNAME'].includes(code ?? ''), `${what}: ${code}`)
  }
  t.equal((await create('Zoe\u0308')).code, 'USERNAME_TAKEN', 'decomposed')
  t.equal((await create('ZOË')).code, 'USERNAME_TAKEN')
  t.equal((await create(' Zoë ')).status, 400)
})

t.test('a user takes the name of the administrator, or nearly', async t => {
  const { origin, admin } = await startBuiltHouse(t)
  /** As a user who is new each time: nobody may try often. */
  const change = async (user: string, name: string) => {
    const { request } = await newUser(origin, admin, user)
    const body = { current_username: user, new_username: name, confirm_username: name }
    return (await request('/api/auth/change-username', { method: 'POST', body })).status
  }
  t.equal(await change('first', 'free'), 200, 'a name that is free is given')
  t.equal(await change('second', 'Second'), 200, 'also one’s own in other letters')
  for (const [i, [what, name]] of Object.entries(ADMINS).entries()) {
    const status = await change(`user${i}`, name)
    t.ok(status === 400 || status === 409, `${what}: ${status}`)
  }
})

t.test('a twin of a name logs in, or counts as another account', async t => {
  const { origin } = await startBuiltHouse(t, { LOGIN_MAX_FAILURES: '60' })
  const login = async (username: string) => {
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: 'Correct-Horse-7' }),
    })
    await reply.body?.cancel()
    return reply.status
  }
  for (const [what, name] of Object.entries(ADMINS)) t.equal(await login(name), 401, what)
  for (const name of ['admin ', ' admin', 'admin%', 'a_min', '%', 'admin\t'])
    t.equal(await login(name), 401, name)
  t.equal(await login('admin'), 200)
})

/** Cameras of which one may be seen and its twin may not. */
const TWINS: readonly (readonly [seen: string, hidden: string])[] = [
  ['nursery', 'Nursery'],
  ['K\u00fcche', 'Ku\u0308che'],
  ['Cot', 'С\u043et'],
  ['hall', 'hall '],
  ['yard', 'yard\u200b'],
  ['loft', 'ｌｏｆｔ'],
  ['porch', 'porch%20'],
  ['attic', 'attic/'],
]

async function houseOfTwins(t: Test) {
  const footage = () => [bundledClip('Garden'), bundledPictures('Garden')]
  const go2rtc = await startGo2rtc(t, Object.fromEntries(TWINS.flat().map(name => [name, footage()])))
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin })
  const guest = await house.guest(...TWINS.map(([seen]) => seen))
  const routes = (name: string) => {
    const one = encodeURIComponent(name)
    return [
      `/api/camera/${one}/snapshot`,
      `/api/go2rtc/frame.jpeg?src=${one}`,
      `/api/camera/${one}/stream.m3u8`,
      `/api/cameras/${one}/stream/mse`,
    ]
  }
  const status = async (token: string, path: string) => {
    const reply = await fetch(house.origin + path, { headers: { authorization: `Bearer ${token}` } })
    await reply.body?.cancel()
    return reply.status
  }
  return { ...house, go2rtc, guest, routes, status }
}

t.test('whoever may see a camera sees its twin', async t => {
  const { origin, admin, guest, routes, status } = await houseOfTwins(t)
  for (const [seen, hidden] of TWINS) {
    for (const path of routes(seen)) t.equal(await status(guest.token, path), 200, path)
    for (const path of routes(hidden)) t.equal(await status(guest.token, path), 404, `${path} of ${hidden}`)
    t.equal(await status(admin.token, routes(hidden)[0]!), 200, `there is a ${hidden}`)
    const ws = (name: string) =>
      upgradeStatus(`${origin}/api/ws?src=${encodeURIComponent(name)}&token=${guest.token}`)
    t.equal(await ws(hidden), 404, hidden)
    t.equal(await ws(seen), 101, seen)
    const own = await guest.request('/api/auth/player-tokens', {
      method: 'POST',
      body: { name: 'twin', cameras: [hidden] },
    })
    t.equal(own.status, 404, `no token for ${hidden}`)
    const media = await guest.request('/api/auth/media-token', { method: 'POST', body: { camera: hidden } })
    if (media.status === 200) {
      const { token } = (await media.json()) as { token: string }
      for (const path of routes(hidden)) t.not(await status(token, path), 200, `${path} with a media token`)
      for (const path of routes(seen)) t.not(await status(token, path), 200, `${path} with the twin’s token`)
    }
  }
  const { cameras } = (await (await guest.request('/api/cameras')).json()) as { cameras: { id: string }[] }
  t.same(cameras.map(({ id }) => id).sort(), TWINS.map(([seen]) => seen).sort())
})

t.test('a name that nearly is a camera’s is one', async t => {
  const { admin, go2rtc, routes, status } = await houseOfTwins(t)
  for (const name of [
    'NURSERY',
    'nursery ',
    ' nursery',
    'nursery\0',
    'nursery\u200b',
    'nursery.',
    'nursery%00',
  ])
    for (const path of routes(name)) t.ok([400, 404].includes(await status(admin.token, path)), `${path}`)
  t.equal(go2rtc.created, 0)
})
