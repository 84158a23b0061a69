import { createHash, createHmac } from 'node:crypto'
import bcrypt from 'bcrypt'
import t from 'tap'
import { derivedKey } from '../../src/sessions/secret-key.ts'
import { startLive } from '../support/live-server.ts'
import { olderFile } from '../support/older-file.ts'

const SECRET_KEY = 'the key of an older version'
const TOKEN = 'cgp_of-an-older-version'
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url')

/** As versions before the tenth migration named a handle. */
function oldHandle(sessionId: string, camera: string): string {
  const text = JSON.stringify([sessionId, 'live', camera, camera])
  const key = derivedKey(SECRET_KEY, 'camgate path handles')
  return createHmac('sha256', key).update(text).digest().subarray(0, 18).toString('base64url')
}

t.test('sessions, player tokens and handles of an older version must go on after an upgrade', async t => {
  const password = bcrypt.hashSync('Correct-Horse-7', 4)
  const path = await olderFile(t, '0009-hls-positions', sqlite => {
    const now = "datetime('now')"
    sqlite.exec(`
      insert into users (id, username, password_hash, is_admin, is_active) values (1, 'admin', '${password}', 1, 1);
      insert into sessions (id, user_id, created_at, expires_at, last_seen, ip_address, user_agent)
        values ('old-session', 1, ${now}, datetime('now', '+1 day'), ${now}, '198.51.100.7', 'a phone');
      insert into player_tokens (id, user_id, name, token_hash, cameras, created_at)
        values ('old-token', 1, 'wall', '${hashOf(TOKEN)}', '["Garage"]', ${now});
      insert into path_handles (handle_hash, session_id, kind, subject, camera)
        values ('${hashOf(oldHandle('old-session', 'Garage'))}', 'old-session', 'live', 'Garage', 'Garage');
      insert into path_handles (handle_hash, player_token_id, kind, subject, camera)
        values ('${hashOf(oldHandle('player:old-token', 'Garage'))}', 'old-token', 'live', 'Garage', 'Garage')`)
  })
  const { app, origin } = await startLive(t, { env: { DATABASE_PATH: path, SECRET_KEY } })
  const iat = Math.floor(Date.now() / 1000)
  const token = app.tokens.sign({ user_id: 1, jti: 'old-session', iat, exp: iat + 3600 })
  const me = await fetch(`${origin}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } })
  t.equal(me.status, 200)
  for (const [by, sessionId] of [
    [token, 'old-session'],
    [TOKEN, 'player:old-token'],
  ] as const) {
    const handle = oldHandle(sessionId, 'Garage')
    t.equal((await fetch(`${origin}/api/hls/${handle}/media.m3u8`)).status, 200, `the handle of ${sessionId}`)
    const first = await fetch(`${origin}/api/camera/Garage/stream.m3u8?token=${by}`)
    t.match(await first.text(), handle, 'whoever asks again is given the same')
  }
  t.equal((await fetch(`${origin}/api/hls/${'A'.repeat(24)}/media.m3u8`)).status, 404)
})
