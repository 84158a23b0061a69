import t from 'tap'
import { note, pruneAudit } from '../../src/audit/audit.ts'
import { toTimestamp } from '../../src/database/file/timestamp.ts'
import { Housekeeping } from '../../src/housekeeping/housekeeping.ts'
import { startApp } from '../support/app.ts'

const DAY = 86_400_000

t.test('what has had its time is removed, and nothing else', async t => {
  const { app } = await startApp(t)
  const now = Date.now()
  const [old, recent] = [toTimestamp(now - 2 * DAY), toTimestamp(now - DAY / 2)]
  await app.database.write(async db => {
    const attempt = { ip_address: '203.0.113.1', username: 'x', success: 0, user_agent: null } as const
    await db
      .insertInto('login_attempts')
      .values([old, recent].map(attempt_time => ({ ...attempt, attempt_time })))
      .execute()
    const block = { blocked_at: old, failed_attempts: 4, reason: null }
    await db
      .insertInto('blocked_ips')
      .values([
        { ...block, ip_address: 'over', blocked_until: recent },
        { ...block, ip_address: 'holds', blocked_until: toTimestamp(now + DAY) },
      ])
      .execute()
    await db
      .insertInto('login_failures')
      .values([
        { subject: 'old', failed_at: now - 2 * DAY },
        { subject: 'counts', failed_at: now },
      ])
      .execute()
    const place = { country: null, region: null, city: null, lat: null, lon: null, isp: null }
    await db
      .insertInto('ip_geo_cache')
      .values([
        { ...place, ip_address: '203.0.113.1', updated_at: toTimestamp(now - 8 * DAY) },
        { ...place, ip_address: '203.0.113.2', updated_at: recent },
      ])
      .execute()
    await note(db, { id: 1, name: 'admin', address: '' }, 'login')
    await db
      .updateTable('audit_log')
      .set({ at: toTimestamp(now - 400 * DAY) })
      .execute()
    await note(db, { id: 1, name: 'admin', address: '' }, 'logout')
  })
  await app.housekeeping.run()
  const left = await app.database.read(async db => ({
    attempts: (await db.selectFrom('login_attempts').select('attempt_time').execute()).map(
      row => row.attempt_time,
    ),
    blocks: (await db.selectFrom('blocked_ips').select('ip_address').execute()).map(row => row.ip_address),
    failures: (await db.selectFrom('login_failures').select('subject').execute()).map(row => row.subject),
    places: (await db.selectFrom('ip_geo_cache').select('ip_address').execute()).map(row => row.ip_address),
    audit: (await db.selectFrom('audit_log').select('action').execute()).map(row => row.action),
  }))
  t.same(left, {
    attempts: [recent],
    blocks: ['holds'],
    failures: ['counts'],
    places: ['203.0.113.2'],
    audit: ['logout'],
  })
})

t.test('strangers cannot flush out of the audit log what was done inside', async t => {
  const { app } = await startApp(t)
  const limits = { maxAgeMs: 365 * DAY, maxEntries: 50, batch: 1000 }
  await app.database.write(async db => {
    await note(db, { id: 1, name: 'admin', address: '' }, 'user.created', 'kim')
    for (let i = 0; i < 200; i++)
      await note(db, { id: null, name: `guess-${i}`, address: '' }, 'login.failed')
  })
  await pruneAudit(app.database, { ...limits, maxEntries: 500 })
  const actions = await app.database.read(db => db.selectFrom('audit_log').select('action').execute())
  t.equal(actions.length, 51)
  t.equal(actions[0]?.action, 'user.created')
})

t.test('one round removes no more than its batch, and the next goes on', async t => {
  const { app } = await startApp(t)
  await app.database.write(async db => {
    for (let i = 0; i < 30; i++) await note(db, { id: 1, name: 'admin', address: '' }, 'login')
    await db.updateTable('audit_log').set({ at: '2000-01-01 00:00:00' }).execute()
  })
  const count = async () =>
    (await app.database.read(db => db.selectFrom('audit_log').select('id').execute())).length
  await pruneAudit(app.database, { maxAgeMs: DAY, maxEntries: 1000, batch: 20 })
  t.equal(await count(), 10)
  await pruneAudit(app.database, { maxAgeMs: DAY, maxEntries: 1000, batch: 20 })
  t.equal(await count(), 0)
})

t.test('a chore that fails keeps no other from being done, and rounds never overlap', async t => {
  const done: string[] = []
  const failed: string[] = []
  const housekeeping = new Housekeeping(
    {
      first: async () => {
        done.push('first')
        await new Promise(resolve => setTimeout(resolve, 5))
      },
      broken: () => Promise.reject(new Error('no')),
      last: () => void done.push('last'),
    },
    chore => void failed.push(chore),
  )
  await Promise.all([housekeeping.run(), housekeeping.run()])
  t.same(done, ['first', 'last'])
  t.same(failed, ['broken'])
  const running = housekeeping.run()
  await housekeeping.stop()
  await running
  t.same(done, ['first', 'last', 'first'], 'a stop lets the chore under way end and begins no other')
})
