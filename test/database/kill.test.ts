import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { random } from '../support/random.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROUNDS = 5

t.test('nothing that was answered is lost when the process is killed in the middle of writing', async t => {
  const env = { DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'), DATABASE_WAIT_SECONDS: '30' }
  const next = random(7)
  /** What the server has promised: each name with its password, `undefined` while a change was not answered. */
  const promised = new Map<string, string | undefined>()

  for (let round = 0; round < ROUNDS; round++) {
    const { origin, kill } = await serve(t, env)
    const admin = await signIn(origin)
    let killed = false
    const write = async (worker: number) => {
      for (let i = 0; !killed; i++) {
        const username = `user-${round}-${worker}-${i}`
        const passwords = [`First-Pass-${i}`, `Second-Pass-${i}`] as const
        const body = { username, password: passwords[0] }
        const made = await admin.request('/api/admin/users', { method: 'POST', body })
        if (made.status === 503) continue
        t.equal(made.status, 201)
        promised.set(username, passwords[0])
        const { user } = (await made.json()) as { user: { id: number } }
        promised.set(username, undefined)
        const changed = await admin.request(`/api/admin/users/${user.id}/password`, {
          method: 'POST',
          body: { new_password: passwords[1] },
        })
        if (changed.status === 200) promised.set(username, passwords[1])
        else if (changed.status === 503) promised.set(username, passwords[0])
      }
    }
    // A request that the kill cuts off was not answered, so nothing was promised.
    const workers = [0, 1, 2].map(worker => write(worker).catch(error => killed || Promise.reject(error)))
    const enough = promised.size + 10 + Math.floor(next() * 20)
    while (promised.size < enough) await new Promise(resolve => setTimeout(resolve, 2))
    killed = true
    await kill()
    await Promise.all(workers)
  }

  const database = await openDatabase({ path: env.DATABASE_PATH, connections: 2, waitMs: 1000 })
  const rows = await database.read(db => db.selectFrom('users').select('username').execute())
  database.close()
  const there = new Set(rows.map(row => row.username))
  t.same(
    [...promised.keys()].filter(username => !there.has(username)),
    [],
  )

  const { origin } = await serve(t, env)
  for (const [username, password] of promised)
    if (password !== undefined) await signIn(origin, { username, password })
})
