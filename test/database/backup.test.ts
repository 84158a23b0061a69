import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sqlite3 } from '../support/tools.ts'
import { newUser } from '../support/users.ts'

const execute = promisify(execFile)
const script = fileURLToPath(new URL('../../src/backup.ts', import.meta.url))

const backup = (database: string, ...args: string[]) =>
  execute(process.execPath, [script, ...args], { env: { PATH: process.env.PATH, DATABASE_PATH: database } })

t.test('a backup made while users are being created is whole, and can be started on', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  const path = app.config.accounts.databasePath
  const copy = join(await temporaryFolder(t), 'copy.db')
  let done = false
  const writing = (async () => {
    for (let i = 0; !done; i++) await newUser(origin, admin, `user-${i}`)
  })()
  await newUser(origin, admin, 'before')
  t.match((await backup(path, copy)).stdout, copy)
  done = true
  await writing
  t.same(await readdir(dirname(copy)), ['copy.db'])
  t.equal(execFileSync(sqlite3(), [copy, 'pragma integrity_check'], { encoding: 'utf8' }).trim(), 'ok')

  const restored = await startApp(t, { DATABASE_PATH: copy })
  await signIn(restored.origin)
  await signIn(restored.origin, { username: 'before', password: 'Battery-Staple-8' })
})

t.test('a backup never overwrites a file, and says why it was not made', async t => {
  const { app } = await startApp(t)
  const path = app.config.accounts.databasePath
  const folder = await temporaryFolder(t)
  const existing = join(folder, 'existing.db')
  await writeFile(existing, 'precious')
  const cases: [string, string[], RegExp][] = [
    [path, [], /usage: npm run backup -- FILE/],
    [path, [existing], /exists already/],
    [join(folder, 'none.db'), [join(folder, 'copy.db')], /there is no database at/],
    [path, [join(folder, 'no-folder', 'copy.db')], /no backup: /],
  ]
  for (const [database, args, reason] of cases)
    await t.rejects(backup(database, ...args), { code: 1, stderr: reason })
  await t.rejects(
    execute(process.execPath, [script, join(folder, 'copy.db')], {
      env: { PATH: process.env.PATH, PORT: 'http' },
    }),
    { code: 1, stderr: 'no backup: PORT="http" is not usable: a whole number from 0 to 65535\n' },
  )
  t.same(await readdir(folder), ['existing.db'])
  t.notOk(existsSync(join(folder, 'copy.db')))
})
