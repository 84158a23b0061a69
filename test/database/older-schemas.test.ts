import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import bcrypt from 'bcrypt'
import type { Database as Sqlite } from 'better-sqlite3'
import t from 'tap'
import { migrations } from '../../src/database/migrations/migrations.ts'
import { ADMIN } from '../support/app.ts'
import { startLive } from '../support/live-server.ts'
import { olderFile } from '../support/older-file.ts'
import { signIn } from '../support/sign-in.ts'

/*
 * What a server with nine migrations signed and named with this key, until 2099. These texts are in people's phones, tablets
 * and dashboards: they are never made anew here.
 */
const SECRET_KEY = 'the key of a release that is in use, 2025'
const SESSIONS = {
  admin: {
    id: '0b0a5cbe-5a51-4a3c-8f0e-2b0c9a6f1d01',
    token:
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoxLCJqdGkiOiIwYjBhNWNiZS01YTUxLTRhM2MtOGYwZS0yYjBjOWE2ZjFkMDEiLCJpYXQiOjE3MzU2ODk2MDAsImV4cCI6NDA3MDkwODgwMH0.iwbnD1ac8G9bcZTX_SPKYF_xJeSepCSTicS9LoWdwvg',
  },
  guest: {
    id: '7d1f3a52-8a6e-4a0b-9d3f-5c8e4b2a9f02',
    token:
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjo3LCJqdGkiOiI3ZDFmM2E1Mi04YTZlLTRhMGItOWQzZi01YzhlNGIyYTlmMDIiLCJpYXQiOjE3MzU2ODk2MDAsImV4cCI6NDA3MDkwODgwMH0.IZaYarQFrXCGMaWl0GCTK7J2m8zUUlF6bA4PaNUq42g',
    media:
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjo3LCJqdGkiOiI3ZDFmM2E1Mi04YTZlLTRhMGItOWQzZi01YzhlNGIyYTlmMDIiLCJpYXQiOjE3MzU2ODk2MDAsImV4cCI6NDA3MDkwODgwMCwiY2FtZXJhIjoiR2FyYWdlIn0.WfZPeWmvC5IKbjiCmTRK7i82kBn4FgG8okk-5e9KpQQ',
    handle: 'W89R9to7HOZdDVA2VE-PuODJ',
  },
}
const PLAYER = {
  id: 'c4b1d7e8-3f29-4d65-a1b0-9e8f7a6b5c03',
  token: 'cgp_pT2cY0m5uJm3l7dQ1rXz8sKf4vBn6wEhAoGiLxUyZtc',
  handle: 'ZamcMiJnk1EEByItPDbYHf36',
}

const SINCE = '2025-01-01 00:00:00'
const UNTIL = '2099-01-01 00:00:00'
const hash = bcrypt.hashSync(ADMIN.password, 4)
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/** Rows as each migration's server wrote them, in the order of the migrations. */
const WRITTEN: Readonly<Record<string, (sqlite: Sqlite) => void>> = {
  '0001-accounts': sqlite => {
    const user = sqlite.prepare(
      'insert into users (id, username, password_hash, email, is_admin, is_active, created_at) values (?, ?, ?, ?, ?, ?, ?)',
    )
    user.run(1, 'admin', hash, 'admin@example.org', 1, 1, SINCE)
    user.run(7, 'guest', hash, null, 0, 1, SINCE)
    user.run(8, 'gone', hash, null, 0, 0, SINCE)
    sqlite.exec(`
      insert into login_attempts (ip_address, username, success, attempt_time)
        values ('198.51.100.7', 'admin', 1, datetime('now'));
      insert into blocked_ips (ip_address, blocked_at, blocked_until, failed_attempts, reason)
        values ('198.51.100.9', datetime('now'), datetime('now', '+30 minutes'), 4, 'too many failed logins')`)
  },
  '0002-sessions': sqlite => {
    const session = sqlite.prepare('insert into sessions values (?, ?, ?, ?, ?, ?, ?)')
    session.run(SESSIONS.admin.id, 1, SINCE, UNTIL, SINCE, '198.51.100.7', 'a phone')
    session.run(SESSIONS.guest.id, 7, SINCE, UNTIL, SINCE, '198.51.100.7', 'a tablet')
  },
  '0003-camera-access': sqlite =>
    sqlite.exec(`
      insert into camera_access values (7, 'custom');
      insert into user_cameras values (7, 'Garage'), (7, 'Driveway')`),
  '0004-audit': sqlite =>
    sqlite
      .prepare('insert into audit_log (at, action, actor_id, actor, ip_address) values (?, ?, ?, ?, ?)')
      .run(new Date().toISOString().slice(0, 19).replace('T', ' '), 'user.created', 1, 'admin', '127.0.0.1'),
  '0005-login-failures': sqlite =>
    sqlite
      .prepare('insert into login_failures (subject, failed_at) values (?, ?)')
      .run('127.0.0.1', Date.now()),
  '0006-player-tokens': sqlite =>
    sqlite
      .prepare('insert into player_tokens values (?, 7, ?, ?, ?, ?, null)')
      .run(PLAYER.id, 'Wall', sha256(PLAYER.token), '["Garage"]', SINCE),
  '0007-memory-hours': sqlite =>
    sqlite
      .prepare('insert into memory_hours values (?, ?, ?)')
      .run(Date.now() - 3_600_000, '[[1,2,3]]', '[]'),
  '0008-path-handles': sqlite => {
    const handle = sqlite.prepare(
      `insert into path_handles (handle_hash, session_id, player_token_id, kind, subject, camera) values (?, ?, ?, 'live', 'Garage', 'Garage')`,
    )
    handle.run(sha256(SESSIONS.guest.handle), SESSIONS.guest.id, null)
    handle.run(sha256(PLAYER.handle), null, PLAYER.id)
  },
  '0009-hls-positions': sqlite =>
    sqlite
      .prepare('insert into hls_positions values (?, ?, ?, ?, ?)')
      .run('Garage', 4711, 9422.5, 3, Date.now()),
  '0010-handle-ends': () => {},
  '0011-known-networks': sqlite =>
    sqlite.exec(`insert into known_networks (user_id, network) values (7, '198.51.100.7')`),
}

t.test('a migration must not be without a file of the server before it', async t => {
  t.same(
    Object.keys(migrations).filter(name => !(name in WRITTEN)),
    [],
  )
})

for (const last of Object.keys(WRITTEN))
  t.test(`what a server of ${last} wrote must not be lost`, async t => {
    const had = Object.keys(WRITTEN).filter(name => name <= last)
    const path = await olderFile(t, last, sqlite => {
      for (const name of had) WRITTEN[name]!(sqlite)
    })
    const env = {
      DATABASE_PATH: path,
      SECRET_KEY,
      ADMIN_PASSWORD: 'Not-Used-1',
      TRUSTED_PROXIES: '127.0.0.1',
    }
    const { app, origin } = await startLive(t, { env })
    const wasThere = (name: string) => had.includes(name)
    const get = async (path: string, token: string) =>
      fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const handleOf = async (token: string) =>
      (await (await fetch(`${origin}/api/camera/Garage/stream.m3u8?token=${token}`)).text())
        .trim()
        .split('\n')
        .at(-1)

    const copies = readdirSync(dirname(path)).filter(name => name.includes('.before-migration-'))
    t.equal(copies.length, last === Object.keys(migrations).at(-1) ? 0 : 1, 'a copy from before')

    // Accounts and passwords, blocks and attempts.
    const admin = await signIn(origin, { username: 'admin', password: ADMIN.password })
    const guest = await signIn(origin, { username: 'guest', password: ADMIN.password })
    t.match(await (await admin.request('/api/auth/me')).json(), {
      user: { id: 1, email: 'admin@example.org', is_admin: true, created_at: SINCE },
    })
    const disabled = await signIn(origin, { username: 'gone', password: ADMIN.password })
    t.equal((await disabled.request('/api/cameras')).status, 403)
    const blocked = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.9' },
      body: JSON.stringify({ username: 'admin', password: ADMIN.password }),
    })
    t.equal(blocked.status, 429)
    t.match(
      await (await admin.request('/api/admin/security/login-attempts')).text(),
      '"ip_address":"198.51.100.7"',
    )

    const session = wasThere('0002-sessions') ? 200 : 401
    t.equal((await get('/api/auth/me', SESSIONS.admin.token)).status, session)
    t.equal((await get('/api/admin/users', SESSIONS.admin.token)).status, session)
    t.equal((await get('/api/auth/me', SESSIONS.guest.token)).status, session)
    t.equal(
      (await fetch(`${origin}/api/camera/Garage/stream.m3u8?token=${SESSIONS.guest.media}`)).status,
      session,
    )

    const cameras = (await (await guest.request('/api/cameras')).json()) as { cameras: { id: string }[] }
    const expected = wasThere('0003-camera-access')
      ? ['Driveway', 'Garage']
      : ['Driveway', 'Front_Door', 'Garage', 'Garden']
    t.same(cameras.cameras.map(({ id }) => id).sort(), expected)

    const audit = await (await admin.request('/api/admin/audit?action=user.created')).text()
    t.equal(audit.includes('"user.created"'), wasThere('0004-audit'))

    const player = wasThere('0006-player-tokens')
    const played = await fetch(`${origin}/api/camera/Garage/stream.m3u8?token=${PLAYER.token}`)
    t.equal(played.status, player ? 200 : 401)
    const listed = await guest.request('/api/auth/player-tokens')
    t.equal((await listed.text()).includes('"Wall"'), player)

    if (wasThere('0008-path-handles'))
      for (const [handle, token] of [
        [SESSIONS.guest.handle, SESSIONS.guest.token],
        [PLAYER.handle, PLAYER.token],
      ] as const) {
        t.equal((await fetch(`${origin}/api/hls/${handle}/media.m3u8`)).status, 200)
        t.match(await handleOf(token), handle, 'the same again')
      }
    if (wasThere('0009-hls-positions')) {
      const playlist = await fetch(`${origin}/api/hls/${PLAYER.handle}/media.m3u8`)
      const number = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(await playlist.text())?.[1])
      t.ok(number >= 4711, `${number}: playlists go on where they were`)
    }
    const hours = await app.database.read(db => db.selectFrom('memory_hours').select('at').execute())
    t.equal(hours.length, wasThere('0007-memory-hours') ? 1 : 0)
  })
