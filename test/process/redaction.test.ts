import { Writable } from 'node:stream'
import t from 'tap'
import { createLogger } from '../../src/logger.ts'
import { withoutSecrets } from '../../src/redaction.ts'
import { ADDRESSES, HANDLE_PLACES } from '../support/secret-addresses.ts'

const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.${'s'.repeat(43)}`
const PLAYER = `cgp_${'p'.repeat(43)}`
const HANDLE = 'q3Yx0VtWc2m1sB8Jd5nE7g-_'

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
  for (const handle of spelt)
    for (const place of HANDLE_PLACES) {
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
