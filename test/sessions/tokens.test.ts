import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { setClock } from '../support/clock.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { newUser } from '../support/users.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
const hmac = (input: string, key: string, hash = 'sha256') =>
  createHmac(hash, key).update(input).digest('base64url')

t.test('a forged token opens nothing', async t => {
  const secret = 'the real secret'
  const { app, origin } = await startApp(t, { SECRET_KEY: secret })
  const { token } = await signIn(origin)
  const [head, body, signature] = token.split('.') as [string, string, string]
  const claims = decode(body) as { user_id: number; jti: string; iat: number; exp: number }
  t.match(decode(head), { alg: 'HS256' })
  t.same(Object.keys(claims).sort(), ['exp', 'iat', 'jti', 'user_id'])
  t.equal(claims.exp - claims.iat, 24 * 3600)

  const kim = await newUser(origin, await signIn(origin), 'kim')
  const kimJti = (decode(kim.token.split('.')[1]!) as { jti: string }).jti
  const now = Math.floor(Date.now() / 1000)
  const signed = (changes: Record<string, unknown>) =>
    app.tokens.sign({ ...claims, ...changes } as unknown as Parameters<typeof app.tokens.sign>[0])
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rs256 = `${encode({ alg: 'RS256', typ: 'JWT' })}.${body}`

  const forged: Record<string, string> = {
    'alg none without signature': `${encode({ alg: 'none' })}.${body}.`,
    'alg none with the old signature': `${encode({ alg: 'none' })}.${body}.${signature}`,
    'alg None in other case': `${encode({ alg: 'nOnE' })}.${body}.`,
    'RS256 with a key of one’s own': `${rs256}.${sign('sha256', Buffer.from(rs256), privateKey).toString('base64url')}`,
    'RS256 named, HMAC used': `${rs256}.${hmac(rs256, secret)}`,
    'HS512 instead of HS256': (() => {
      const input = `${encode({ alg: 'HS512', typ: 'JWT' })}.${body}`
      return `${input}.${hmac(input, secret, 'sha512')}`
    })(),
    'the secret itself as key, which is only what the key is made from': `${head}.${body}.${hmac(`${head}.${body}`, secret)}`,
    'wrong key': `${head}.${body}.${hmac(`${head}.${body}`, 'another')}`,
    'empty key': `${head}.${body}.${hmac(`${head}.${body}`, ' ')}`,
    'changed claims under the old signature': `${head}.${encode({ ...claims, user_id: 2 })}.${signature}`,
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    nothing: '..',
    expired: signed({ exp: now - 1 }),
    'issued in the future': signed({ iat: now + 3600, exp: now + 7200 }),
    'without jti': signed({ jti: undefined }),
    'jti of another user': signed({ jti: kimJti }),
    'jti that never was': signed({ jti: '00000000-0000-4000-8000-000000000000' }),
    'jti of another type': signed({ jti: 7 }),
    'without user': signed({ user_id: undefined }),
    'user as text': signed({ user_id: String(claims.user_id) }),
    'a media token': signed({ camera: 'Front_Door' }),
  }
  for (const [kind, forgery] of Object.entries(forged)) {
    const reply = await fetch(`${origin}/api/auth/me`, { headers: { authorization: `Bearer ${forgery}` } })
    t.equal(reply.status, 401, kind)
    const { code } = (await reply.json()) as { code: string }
    t.match(code, /^(LOGIN_REQUIRED|SESSION_ENDED)$/, kind)
  }
  for (const authorization of [`Basic ${token}`, token, `Bearer ${token} x`, 'Bearer', ''])
    t.equal((await fetch(`${origin}/api/auth/me`, { headers: { authorization } })).status, 401, authorization)
  t.equal(
    (await fetch(`${origin}/api/auth/me`, { headers: { authorization: `bearer ${token}` } })).status,
    200,
  )
})

t.test('an expired session is out although its row is still there', async t => {
  const { app, origin } = await startApp(t)
  const { headers } = await signIn(origin)
  await app.database.write(db =>
    db.updateTable('sessions').set({ expires_at: '2020-01-01 00:00:00' }).execute(),
  )
  t.equal((await fetch(`${origin}/api/auth/me`, { headers })).status, 401)
  await app.housekeeping.run()
  t.same(await app.database.read(db => db.selectFrom('sessions').selectAll().execute()), [])
})

t.test('a session is read once and then from the cache, and never written to by requests', async t => {
  const { app, origin } = await startApp(t)
  const { headers } = await signIn(origin)
  const me = () => fetch(`${origin}/api/auth/me`, { headers })
  await me()
  let reads = 0
  const { lease } = app.database
  app.database.lease = () => {
    reads++
    return lease.call(app.database)
  }
  const { write } = app.database
  let writes = 0
  app.database.write = work => {
    writes++
    return write.call(app.database, work) as ReturnType<typeof work>
  }
  for (let i = 0; i < 20; i++) await me()
  t.equal(reads, 0)
  t.equal(writes, 0)

  await app.database.write(db =>
    db.updateTable('sessions').set({ last_seen: '2020-01-01 00:00:00' }).execute(),
  )
  await app.housekeeping.run()
  const row = await app.database.read(db => db.selectFrom('sessions').select('last_seen').executeTakeFirst())
  t.match(row, { last_seen: /^20(?!20)/ }, 'when it was last seen is written down now and then')
})

t.test(
  'a session or a media token must not hold under a clock that is set back behind its issue',
  async t => {
    const { app, origin } = await startApp(t)
    const user = await signIn(origin)
    const me = async () => (await fetch(`${origin}/api/auth/me`, { headers: user.headers })).status
    t.equal(await me(), 200)
    const session = await app.sessions.find(user.token)
    const ended: string[] = []
    app.viewers.add({ identity: session!.identity, kind: 'events', end: why => ended.push(why) })
    await until(() => app.viewers.size === 1)

    const clock = setClock(t)
    clock.ahead(-30_000)
    t.equal(await me(), 200, 'a clock that is corrected a little')
    clock.ahead(-24 * 3_600_000)
    t.equal(await me(), 401, 'also what was read before')
    await until(() => ended.length > 0)
    t.same(ended, ['revoked'])
    clock.ahead(0)
    t.equal(await me(), 200, 'a clock that is right again')
  },
)
