import { request } from 'node:http'
import t from 'tap'
import { ADMIN } from '../support/app.ts'
import { startBuiltLive } from '../support/built-house.ts'
import { ADDRESSES, HANDLE_PLACES } from '../support/secret-addresses.ts'
import { until } from '../support/until.ts'

/** Sends an address as it is, which `fetch` would not. */
function ask(origin: string, path: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(origin), { path, headers }, reply => reply.resume().once('end', resolve))
    asking.once('error', reject).end()
  })
}

t.test('the server at its most talkative must log no token, no handle and no password', async t => {
  const { origin, admin, output } = await startBuiltLive(t, { env: { LOG_LEVEL: 'trace' } })
  const made = await admin.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: 'wall', cameras: ['Garage'] },
  })
  const { token: player } = (await made.json()) as { token: string }
  const playlist = await (await admin.request('/api/camera/Garage/stream.m3u8')).text()
  const [, handle = ''] = /hls\/([\w-]{24})\//.exec(playlist) ?? []
  t.equal(handle.length, 24)
  for (const token of [admin.token, player])
    for (const address of ADDRESSES) {
      const path = address.replace('@', token).split('#', 1)[0]!
      await ask(origin, path, { referer: `${origin}${path}`, authorization: `Bearer ${token}` })
    }
  const spelt = [
    handle,
    `%${handle.charCodeAt(0).toString(16)}${handle.slice(1)}`,
    `${handle}%00`,
    `${handle};`,
  ]
  for (const one of spelt)
    for (const place of HANDLE_PLACES) await ask(origin, place.replace('@', one).split('#', 1)[0]!)
  await ask(origin, '/api/events?cameras=Front_Door&tokens=1&limit=5')
  await until(() => output().includes('/api/events?cameras=Front_Door&tokens=1&limit=5'))
  t.ok(
    output().split('…').length > 2 * ADDRESSES.length,
    'they are left out, and the rest of their lines is there',
  )
  const secrets = {
    'the signature of a token': admin.token.split('.')[2]!,
    'a player token': player.slice(4),
    'a handle': handle.slice(1),
    'a password': ADMIN.password,
  }
  for (const [what, secret] of Object.entries(secrets)) t.notMatch(output(), secret, what)
})
