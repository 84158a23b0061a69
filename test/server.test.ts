import { join } from 'node:path'
import t from 'tap'
import { createLogger } from '../src/logger.ts'
import { withoutSecrets } from '../src/redaction.ts'
import { serve, serveUntilExit } from './support/serve.ts'
import { signIn } from './support/sign-in.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { until } from './support/until.ts'

t.test('a start that cannot be is one line and exit code 1', async t => {
  const folder = await temporaryFolder(t)
  const cases: [Record<string, string>, string][] = [
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL="loud" is not usable: one of '],
    [{ DATABASE_PATH: folder }, `${folder} cannot be written: `],
    [
      { DATABASE_PATH: join(folder, 'new.db'), ADMIN_PASSWORD: 'change-this-secure-password' },
      'ADMIN_PASSWORD=',
    ],
  ]
  for (const [env, reason] of cases) {
    const { code, stderr } = await serveUntilExit(env)
    t.equal(code, 1)
    t.equal(stderr.split('\n').filter(Boolean).length, 1, stderr)
    t.match(stderr, `camgate cannot start: ${reason}`)
  }
})

t.test('no token gets into the log', async t => {
  const env = { DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'), LOG_LEVEL: 'trace' }
  const { origin, output } = await serve(t, env)
  const { token, headers } = await signIn(origin)
  const paths = [
    '/api/auth/me',
    `/api/auth/me?token=${token}`,
    `/api/ws?x=1&token=${token}`,
    `/nothing?token=${token}&t=1`,
  ]
  for (const path of paths)
    await fetch(origin + path, { headers: { ...headers, referer: `${origin}/?token=${token}` } })
  await until(() => output().includes('/nothing?token=…&t=1'))
  t.notMatch(output(), token)
  t.notMatch(output(), token.split('.')[2]!)
  t.notMatch(output(), 'Correct-Horse-7')
})

t.test('what a URL carries besides its token is kept', async t => {
  t.equal(withoutSecrets('/a?token=x'), '/a?token=…')
  t.equal(withoutSecrets('/a?b=1&token=x.y.z&c=2#d'), '/a?b=1&token=…&c=2#d')
  t.equal(withoutSecrets('/a?tokens=1&Token=s'), '/a?tokens=1&Token=…')
  t.equal(withoutSecrets('/a?%74oken=x&tok%65n=y&b=%zz'), '/a?%74oken=…&tok%65n=…&b=%zz')
  const handle = 'q3Yx0VtWc2m1sB8Jd5nE7g-_'
  t.equal(withoutSecrets(`/api/hls/${handle}/media.m3u8?_HLS_msn=1`), '/api/hls/…/media.m3u8?_HLS_msn=1')
  t.equal(withoutSecrets(`/api/hls/clip/${handle}/0.m4s`), '/api/hls/clip/…/0.m4s')
  t.ok(createLogger('silent'))
})

t.test('a proxy that is not listed is warned of once, and the warning names the setting', async t => {
  const env = { DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'), LOG_LEVEL: 'warn' }
  const { origin, output } = await serve(t, env)
  for (let i = 0; i < 3; i++)
    await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.5' },
      body: JSON.stringify({ username: 'kim', password: 'wrong' }),
    })
  t.equal(output().match(/TRUSTED_PROXIES/g)?.length, 1)
})
