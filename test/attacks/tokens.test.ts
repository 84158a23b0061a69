import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { signingKey } from '../../src/sessions/secret-key.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { upgradeStatus } from '../support/live-server.ts'
import { until } from '../support/until.ts'

const ME = '/api/auth/me'
const MEDIA = '/api/camera/Garage/snapshot'
const KEY = 'a key that is a setting'

async function startAttacked(t: Test, env: Record<string, string> = {}) {
  const go2rtc = await startGo2rtc(t)
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, SECRET_KEY: KEY, ...env })
  const status = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const reply = await fetch(house.origin + path, { method, headers })
    await reply.body?.cancel()
    return reply.status
  }
  const post = async (path: string, body: unknown) => {
    const reply = await house.admin.request(path, { method: 'POST', body })
    return (await reply.json()) as { token: string; player_token?: { id: string } }
  }
  return { ...house, status, post }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

/** A token of this header and these claims, signed with `key`. */
function forged(header: object, claims: object, key: string | Buffer, hash = 'sha256'): string {
  const signed = `${encoded(header)}.${encoded(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

t.test('a token that this server did not sign lets somebody in', async t => {
  const { admin, status } = await startAttacked(t)
  const [head = '', body = '', signature = ''] = admin.token.split('.')
  const [header, claims] = [decoded(head), decoded(body)]
  t.equal(await status(ME, bearer(admin.token)), 200, 'the true one does')
  t.equal(await status(`${MEDIA}?token=${admin.token}`), 200, 'also in the address of media')

  const none = { alg: 'none', typ: 'JWT' }
  const other = { kty: 'oct', k: Buffer.from('guess').toString('base64url') }
  const bad: Record<string, string> = {
    'no algorithm': `${encoded(none)}.${body}.`,
    'no algorithm, with the old signature': `${encoded(none)}.${body}.${signature}`,
    'no algorithm in other letters': `${encoded({ ...none, alg: 'nOnE' })}.${body}.`,
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'another key': forged(header, claims, 'guess'),
    'an empty key': forged(header, claims, ''),
    'the setting itself as the key': forged(header, claims, KEY),
    'another algorithm': forged({ ...header, alg: 'HS512' }, claims, 'guess', 'sha512'),
    'an algorithm of key pairs': forged({ ...header, alg: 'RS256' }, claims, 'guess'),
    'a key that it brings along': forged({ ...header, jwk: other }, claims, 'guess'),
    'a key from a file': forged({ ...header, kid: '../../../dev/null' }, claims, ''),
    'other claims under a true signature': `${head}.${encoded({ ...claims, user_id: 2 })}.${signature}`,
    'a later end under a true signature': `${head}.${encoded({ ...claims, exp: claims.exp + 9e6 })}.${signature}`,
    'another first byte of the signature': `${head}.${body}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
    'something behind it': `${admin.token}.${signature}`,
    'the id of the session alone': claims.jti,
    'no token': 'x',
    'the name of a prototype': '__proto__',
    'a player token that was guessed': `cgp_${'A'.repeat(43)}`,
  }
  for (const [name, token] of Object.entries(bad)) {
    t.equal(await status(ME, bearer(token)), 401, name)
    t.equal(await status(`${MEDIA}?token=${encodeURIComponent(token)}`), 401, `${name}, in the address`)
  }
})

t.test(
  'a token of another server, or of a session that this one does not know, lets somebody in',
  async t => {
    const here = await startAttacked(t)
    const sameKey = await startAttacked(t)
    const otherKey = await startAttacked(t, { SECRET_KEY: 'another' })
    for (const { admin } of [sameKey, otherKey]) {
      t.equal(await here.status(ME, bearer(admin.token)), 401)
      t.equal(await here.status(`${MEDIA}?token=${admin.token}`), 401)
    }
    t.equal(await here.status(ME, bearer(here.admin.token)), 200)
  },
)

t.test('whoever knows the key makes a token for a session that there is none of', async t => {
  const { admin, status } = await startAttacked(t)
  const [head = '', body = ''] = admin.token.split('.')
  const [header, claims] = [decoded(head), decoded(body)]
  const key = signingKey(KEY)
  t.equal(await status(ME, bearer(forged(header, claims, key))), 200, 'this is how it signs')
  const jti = '00000000-0000-4000-8000-000000000000'
  t.equal(await status(ME, bearer(forged(header, { ...claims, jti }, key))), 401)
  t.equal(await status(ME, bearer(forged(header, { ...claims, exp: 1 }, key))), 401)
  t.equal(await status(ME, bearer(forged(header, { ...claims, iat: claims.iat + 3600 }, key))), 401)
  t.equal(await status(ME, bearer(forged({ ...header, alg: 'HS512' }, claims, key, 'sha512'))), 401)
})

t.test('a token lets somebody in after its end, or after that of its session', async t => {
  const { admin, status, post, origin } = await startAttacked(t)
  const { token: short } = await post('/api/auth/media-token', { camera: 'Garage', ttl: 1 })
  const { token: long } = await post('/api/auth/media-token', { camera: 'Garage', ttl: 3600 })
  const ends = (token: string) => async () => (await status(`${MEDIA}?token=${token}`)) === 401
  t.equal(await status(`${MEDIA}?token=${long}`), 200)
  await until(ends(short))
  t.equal(await status(`${MEDIA}?token=${long}`), 200, 'the longer one goes on')
  t.equal((await admin.request('/api/auth/logout', { method: 'POST' })).status, 200)
  t.equal(await status(ME, bearer(admin.token)), 401)
  t.equal(await status(`${MEDIA}?token=${long}`), 401, 'what it has issued ends with the session')
  t.equal(await upgradeStatus(`${origin}/api/ws?src=Garage&token=${long}`), 401)
})

t.test('a token counts where none is read', async t => {
  const { admin, status } = await startAttacked(t)
  const { token } = admin
  t.equal(await status(`${MEDIA}?token=${token}`), 200, 'it counts on media')
  const ignored: [string, Record<string, string>?, string?][] = [
    [`${ME}?token=${token}`],
    [`/api/admin/users?token=${token}`],
    [`/api/cameras?token=${token}`],
    [`/api/auth/logout?token=${token}`, {}, 'POST'],
    [ME, { cookie: `token=${token}; session=${token}; access_token_cookie=${token}` }],
    [MEDIA, { cookie: `token=${token}` }],
    [ME, { 'x-access-token': token, token, 'x-auth-token': token, 'proxy-authorization': `Bearer ${token}` }],
    [ME, { authorization: token }],
    [ME, { authorization: `Basic ${token}` }],
    [ME, { authorization: `Token ${token}` }],
    [ME, { authorization: `Bearer ${token} ${token}` }],
    [ME, { authorization: `Bearer=${token}` }],
    [ME, { authorization: `Basic ${Buffer.from('admin:Correct-Horse-7').toString('base64')}` }],
    [`${MEDIA}?access_token=${token}`],
    [`${MEDIA}?token=x&token=${token}`],
    [`${MEDIA}?token[]=${token}`],
    [`${MEDIA}?TOKEN=${token}`],
    [`${MEDIA}#token=${token}`],
    // A header that is wrong is not helped by an address that is right.
    [`${MEDIA}?token=${token}`, { authorization: 'Bearer x' }],
    [`${MEDIA}?token=${token}`, { authorization: '' }],
  ]
  for (const [path, headers, method] of ignored)
    t.equal(await status(path, headers, method), 401, `${method ?? 'GET'} ${path} ${JSON.stringify(headers)}`)
  t.equal(await status(ME, bearer(token)), 200, 'and it has not been ended by any of them')
})

t.test('a player token or a media token counts beyond the media of its camera', async t => {
  const { admin, status, post, origin } = await startAttacked(t)
  const player = await post('/api/auth/player-tokens', { name: 'wall', cameras: ['Garage'] })
  const media = await post('/api/auth/media-token', { camera: 'Garage', ttl: 3600 })
  const beyond: [string, string?][] = [
    [ME],
    ['/api/auth/sessions'],
    ['/api/auth/player-tokens'],
    ['/api/auth/player-tokens', 'POST'],
    ['/api/auth/media-token', 'POST'],
    [`/api/auth/player-tokens/${player.player_token!.id}`, 'DELETE'],
    ['/api/auth/logout', 'POST'],
    ['/api/auth/change-password', 'POST'],
    ['/api/admin/users'],
    ['/api/admin/audit'],
    ['/api/debug/memory/cleanup', 'POST'],
    ['/api/cameras'],
    ['/api/cameras/Garage/start-stream', 'POST'],
    ['/api/go2rtc/streams'],
  ]
  for (const { token } of [player, media]) {
    t.equal(await status(`${MEDIA}?token=${token}`), 200, 'it opens its camera')
    t.equal(await status(MEDIA, bearer(token)), 200, 'also as a header')
    t.equal(await upgradeStatus(`${origin}/api/ws?src=Garage&token=${token}`), 101)
    t.equal(await status(`/api/camera/Garden/snapshot?token=${token}`), 404, 'and no other')
    t.equal(await upgradeStatus(`${origin}/api/ws?src=Garden&token=${token}`), 404)
    for (const [path, method] of beyond)
      t.equal(await status(path, bearer(token), method), 401, `${method ?? 'GET'} ${path}`)
  }
  t.equal(await status(ME, bearer(admin.token)), 200)
})
