import { request } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { createLogger } from '../../src/logger.ts'
import { withoutSecrets } from '../../src/redaction.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.${'s'.repeat(43)}`
const PLAYER = `cgp_${'p'.repeat(43)}`
const HANDLE = 'q3Yx0VtWc2m1sB8Jd5nE7g-_'

/** How a stranger, or a client with a fault, may write a token into an address; `@` is where it stands. */
const ADDRESSES = [
  '/a?token=@',
  '/a?a=b?token=@',
  '/a?a=b;token=@',
  '/a?a=b&amp;token=@',
  '/a?TOKEN=@',
  '/a?%74oken=@',
  '/a?%54%4F%4b%45%4e%3D@',
  '/a?access_token=@',
  '/a;token=@',
  '/a&token=@',
  '/a#token=@',
  '/a/token=@/b',
  '/a?x=%3Ftoken%3D@',
  '/a?token=&token=@',
  '/a?%zz&token=@&%',
  '/a?@',
  '/a/@/b',
  '/a?t=@',
  '/api/hls/@/media.m3u8',
  '/api/hls/clip/@/0.m4s',
]

t.test('no spelling of an address must keep its token', async t => {
  for (const address of ADDRESSES)
    for (const secret of [JWT, PLAYER]) {
      const left = withoutSecrets(address.replace('@', secret))
      t.ok(left.includes('…') && !left.includes(secret.slice(-20)), `${address} leaves ${left}`)
    }
  for (const address of ADDRESSES.filter(one => /token=@|%3D@/i.test(one)))
    t.notMatch(withoutSecrets(address.replace('@', 'short')), 'short', address)
})

t.test('no spelling of an address must keep its handle', async t => {
  const spelt = [HANDLE, HANDLE.replace('n', '%6e'), HANDLE.replace('Y', '%59'), `${HANDLE}%00`, `${HANDLE};`]
  const places = ['/api/hls/@/media.m3u8', '/api/hls/clip/@/0.m4s', '/api/hls/recording/@', '/API/HLS/@/x']
  const more = ['/%61pi/h%6Cs/@/x', '/api%2fhls%2F@', '/api/hls/%63lip/@/x?y', '../hls/@/x', '/api//hls/@#x']
  for (const handle of spelt)
    for (const place of [...places, ...more]) {
      const left = withoutSecrets(place.replace('@', handle))
      t.notMatch(left, HANDLE.slice(0, 4), `${place} leaves ${left}`)
      t.notMatch(left, HANDLE.slice(-4), `${place} leaves ${left}`)
    }
})

t.test('what is no secret must not be left out', async t => {
  for (const text of [
    '/api/events?cameras=Front_Door&tokens=1&limit=5',
    '/api/go2rtc/hls/front_door_main/stream.m3u8?ll=1',
    '/api/auth/player-tokens/0b7c2b9e-5d3f-4b8e-9f58-0f6f4f3b7f11',
    '/api/events/1718000000.123456-abc123/hls',
    'keyjar and cgp_short',
    '100 % of it, %zz, %',
    '',
  ])
    t.equal(withoutSecrets(text), text)
})

t.test('nothing that is logged must carry a token, wherever in the line it stands', async t => {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const log = createLogger('trace', destination)
  const cause = new Error(`GET http://frigate/vod?token=${JWT} failed`)
  log.error(new Error(`Route GET:/a?x=y;token=${JWT} not found`, { cause }), 'an error')
  log.warn({ referer: `http://house/?access_token=${PLAYER}`, 'user-agent': JWT }, 'headers')
  log.info({ req: { method: 'GET', url: `/api/hls/${HANDLE}/1.m4s?%74oken=${PLAYER}` } })
  log.child({ address: `/a?a=b?token=${JWT}` }).debug(`Authorization: Bearer ${PLAYER}`)
  log.info({ kept: 'this one' })
  t.equal(lines.length, 5)
  for (const line of lines) t.ok(JSON.parse(line), 'it is still JSON')
  for (const secret of [JWT, PLAYER, HANDLE]) t.notMatch(lines.join(''), secret.slice(-20))
  t.match(lines.at(-1), '"kept":"this one"')
})

/** Sends an address as it is, which `fetch` would not. */
function ask(origin: string, path: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(origin), { path, headers }, reply => reply.resume().once('end', resolve))
    asking.once('error', reject).end()
  })
}

t.test('the server at its most talkative must log no token and no handle', async t => {
  const go2rtc = await startGo2rtc(t)
  const env = { DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'), LOG_LEVEL: 'trace' }
  const { origin, output } = await serve(t, { ...env, GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: 'none' })
  const { token, request: asked } = await signIn(origin)
  const [camera] = ((await (await asked('/api/cameras')).json()) as { cameras: { id: string }[] }).cameras
  const playlist = await (await asked(`/api/camera/${camera!.id}/stream.m3u8`)).text()
  const [, handle = ''] = /hls\/([\w-]{24})\//.exec(playlist) ?? []
  t.equal(handle.length, 24)
  for (const address of ADDRESSES) {
    const path = address.replace('@', token).split('#', 1)[0]!
    await ask(origin, path, { referer: `${origin}${path}`, authorization: `Bearer ${token}` })
  }
  const spelt = [handle, `%${handle.charCodeAt(0).toString(16)}${handle.slice(1)}`]
  for (const one of spelt) await ask(origin, `/api/hls/${one}/media.m3u8?_HLS_msn=x`, {})
  await ask(origin, '/the-last-one', {})
  await until(() => output().includes('/the-last-one'))
  t.notMatch(output(), token.split('.')[2]!)
  t.notMatch(output(), handle.slice(1))
})
