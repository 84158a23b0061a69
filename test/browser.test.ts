import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startApp } from './support/app.ts'
import { signIn } from './support/sign-in.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { newUser } from './support/users.ts'

const DEVELOPMENT = 'http://localhost:5173'

t.test('a PWA in development calls the API from its own origin, with credentials', async t => {
  const { origin } = await startApp(t, { CORS_ORIGINS: `${DEVELOPMENT}, https://home.example.org` })
  const preflight = await fetch(`${origin}/api/admin/users`, {
    method: 'OPTIONS',
    headers: {
      origin: DEVELOPMENT,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  t.equal(preflight.status, 204)
  t.equal(preflight.headers.get('access-control-allow-origin'), DEVELOPMENT)
  t.equal(preflight.headers.get('access-control-allow-credentials'), 'true')
  t.match(preflight.headers.get('access-control-allow-methods'), /POST/)
  const refused = await fetch(`${origin}/api/auth/me`, { headers: { origin: DEVELOPMENT } })
  t.equal(refused.status, 401)
  t.equal(
    refused.headers.get('access-control-allow-origin'),
    DEVELOPMENT,
    'or the page could not read the 401',
  )
})

t.test('an origin that is not listed gets no leave, and everybody never with credentials', async t => {
  const listed = await startApp(t, { CORS_ORIGINS: DEVELOPMENT })
  const foreign = await fetch(`${listed.origin}/health`, { headers: { origin: 'https://evil.example.org' } })
  t.equal(foreign.headers.get('access-control-allow-origin'), null)

  const none = await startApp(t)
  const reply = await fetch(`${none.origin}/health`, { headers: { origin: DEVELOPMENT } })
  t.equal(reply.headers.get('access-control-allow-origin'), null)

  const everybody = await startApp(t, { CORS_ORIGINS: '*' })
  const any = await fetch(`${everybody.origin}/health`, { headers: { origin: DEVELOPMENT } })
  t.equal(any.headers.get('access-control-allow-origin'), '*')
  t.equal(any.headers.get('access-control-allow-credentials'), null)
})

t.test('the built-in page runs no script but its own, and says nothing of itself to other sites', async t => {
  const { origin } = await startApp(t)
  const page = await fetch(`${origin}/`)
  t.equal(page.status, 200)
  const policy = page.headers.get('content-security-policy') ?? ''
  t.match(policy, "default-src 'self'")
  t.match(policy, "frame-ancestors 'self'")
  t.notMatch(policy, 'unsafe-inline')
  t.notMatch(policy, 'upgrade-insecure-requests', 'a plain network has no TLS to go up to')
  t.equal(page.headers.get('referrer-policy'), 'no-referrer')
  t.equal(page.headers.get('strict-transport-security'), null)
  const api = await fetch(`${origin}/api/auth/me`)
  t.equal(api.headers.get('x-content-type-options'), 'nosniff')
  const { token } = await signIn(origin)
  const media = await fetch(`${origin}/api/camera/Nobody/snapshot?token=${token}`)
  t.equal(media.headers.get('referrer-policy'), 'no-referrer', 'its address holds a token')
})

t.test('a PWA under WEB_ROOT may use blobs, a worker from one, and inline styles', async t => {
  const root = join(await temporaryFolder(t), 'pwa')
  await mkdir(root)
  await writeFile(join(root, 'index.html'), '<!doctype html>')
  const { origin } = await startApp(t, { WEB_ROOT: root })
  const policy = (await fetch(`${origin}/`)).headers.get('content-security-policy') ?? ''
  t.match(policy, "worker-src 'self' blob:")
  t.match(policy, "img-src 'self' blob: data:")
  t.match(policy, "media-src 'self' blob:")
  t.match(policy, "style-src 'self' 'unsafe-inline'")
})

t.test('a client that floods the API is told to wait, other users and media are not', async t => {
  const { origin } = await startApp(t, { API_REQUESTS_PER_MINUTE: '60' })
  const admin = await signIn(origin)
  const made = await admin.request('/api/admin/users', {
    method: 'POST',
    body: { username: 'kim', password: 'Battery-Staple-8' },
  })
  t.equal(made.status, 201)
  const kim = await signIn(origin, { username: 'kim', password: 'Battery-Staple-8' })
  const statuses = new Set<number>()
  let last: Response | undefined
  for (let i = 0; i < 61; i++) {
    last = await admin.request('/api/auth/sessions')
    statuses.add(last.status)
  }
  t.same([...statuses], [200, 429])
  t.match(last?.headers.get('retry-after'), /^\d+$/)
  t.match(await last?.json(), { code: 'TOO_MANY_REQUESTS', error: String, requestId: String })
  t.equal((await kim.request('/api/auth/sessions')).status, 200)
  t.equal((await fetch(`${origin}/health`)).status, 200)
  const media = await fetch(`${origin}/api/go2rtc/mse/none?token=${admin.token}`)
  t.not(media.status, 429)
})

t.test('more than a few password changes in a row are not tried', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const body = {
    current_password: 'guess',
    new_password: 'Battery-Staple-8',
    confirm_password: 'Battery-Staple-8',
  }
  const statuses: number[] = []
  for (let i = 0; i < 11; i++)
    statuses.push((await admin.request('/api/auth/change-password', { method: 'POST', body })).status)
  t.same(statuses, [...Array(10).fill(400), 429])
})

t.test('a client that floods media takes what others need', async t => {
  const { origin } = await startApp(t, { MEDIA_REQUESTS_PER_MINUTE: '600', FRIGATE_HOST: 'none' })
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  const statuses = new Set<number>()
  for (let i = 0; i < 601; i++) statuses.add((await admin.request('/api/events/none/thumbnail.jpg')).status)
  t.ok(statuses.delete(429), 'in the end')
  t.equal(statuses.size, 1, 'and not before')
  t.not((await kim.request('/api/events/none/thumbnail.jpg')).status, 429)
})
