import t from 'tap'
import { ADMIN, startApp } from '../support/app.ts'
import { olderFile } from '../support/older-file.ts'

t.test('an account must not be a stranger after an upgrade where it has logged in before', async t => {
  const path = await olderFile(t, '0010-handle-ends', sqlite => {
    const now = "datetime('now')"
    sqlite.exec(`
      insert into users (id, username, password_hash) values (1, 'kim', 'x'), (2, 'lee', 'x');
      insert into sessions (id, user_id, created_at, expires_at, last_seen, ip_address, user_agent)
        values ('a', 1, ${now}, datetime('now', '+1 day'), ${now}, '198.51.100.7', 'a phone');
      insert into login_attempts (ip_address, username, success, attempt_time) values
        ('2001:db8:1:2::9', 'kim', 1, ${now}), ('2001:db8:1:2::8', 'kim', 1, ${now}),
        ('198.51.100.8', 'lee', 1, ${now}), ('203.0.113.5', 'kim', 0, ${now}), ('203.0.113.6', 'gone', 1, ${now})`)
  })
  const { app } = await startApp(t, { DATABASE_PATH: path, ADMIN_PASSWORD: ADMIN.password })
  const known = await app.database.read(db =>
    db
      .selectFrom('known_networks')
      .select(['user_id', 'network'])
      .orderBy('user_id')
      .orderBy('network')
      .execute(),
  )
  t.same(known, [
    { user_id: 1, network: '198.51.100.7' },
    { user_id: 1, network: '2001:db8:1:2::/64' },
    { user_id: 2, network: '198.51.100.8' },
  ])
})
