import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { LoginProtection } from '../../src/login-protection/login-protection.ts'
import { random } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LIMIT = 4

t.test('whatever the order of attempts and answers, no more than the limit may fail', async t => {
  const dir = await temporaryFolder(t)
  const database = await openDatabase({ path: join(dir, 'test.db'), connections: 4, waitMs: 10_000 })
  t.teardown(() => database.close())
  const protection = new LoginProtection(database, {
    failures: LIMIT,
    windowMs: 3_600_000,
    blockMs: 3_600_000,
  })

  for (let seed = 1; seed <= 150; seed++) {
    const next = random(seed)
    const client = { address: `198.51.100.${seed}`, userAgent: '', sharedAddress: false }
    const pending = new Set<() => void>()
    let checks = 0
    let failed = 0
    let wronglyRefused = 0

    const attempts: Promise<unknown>[] = []
    const start = () => {
      const fails = next() < 0.7
      const alone = pending.size === 0 && attempts.length === 0
      const done = protection
        .guard({ client, username: `kim${seed}`, ownDevice: false }, async () => {
          checks++
          await new Promise<void>(resolve => pending.add(resolve))
          if (fails) failed++
          return fails ? undefined : 'in'
        })
        .catch((error: { code: string }) => {
          if (alone && error.code === 'LOGIN_ATTEMPTS_IN_FLIGHT') wronglyRefused++
        })
      attempts.push(done)
    }
    for (let step = 0; step < 30; step++) {
      if (next() < 0.55) start()
      else {
        const [resolve] = pending
        if (resolve) {
          pending.delete(resolve)
          resolve()
        }
      }
      for (let turns = Math.floor(next() * 12); turns > 0; turns--) await Promise.resolve()
      if (next() < 0.2) await new Promise(resolve => setImmediate(resolve))
      if (failed > LIMIT) break
    }
    for (let i = 0; i < 50; i++) {
      for (const resolve of pending) resolve()
      pending.clear()
      await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all(attempts)
    if (failed > LIMIT) t.fail(`seed ${seed}: ${failed} of ${checks} checks failed`)
    if (wronglyRefused > 0) t.fail(`seed ${seed}: refused with nothing under way`)
    const blocked = await database.read(db =>
      db.selectFrom('blocked_ips').select('id').where('ip_address', '=', client.address).executeTakeFirst(),
    )
    if ((failed === LIMIT) !== (blocked !== undefined))
      t.fail(`seed ${seed}: ${failed} failed, blocked ${!!blocked}`)
  }
  t.pass('150 seeded interleavings')
})
