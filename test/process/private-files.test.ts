import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { makePrivate } from '../../src/private-files.ts'
import { startFrigate } from '../support/frigate.ts'
import { fillOldFile } from '../support/old-backend.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sqlite3 } from '../support/tools.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '../..')
/** The mask that most machines have. */
const WITH_USUAL_MASK = ['sh', '-c', 'umask 022; exec "$@"', 'sh']
const OF_SQLITE = ['camgate.db', 'camgate.db-wal', 'camgate.db-shm']

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** Every file and folder below, by its path there, and its mode. */
function modes(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(entries.sort().map(name => [name, mode(join(folder, name))]))
}

t.test('what the server writes must not be readable for other accounts of the machine', async t => {
  const folder = await temporaryFolder(t)
  const frigate = await startFrigate(t)
  const env = {
    DATABASE_PATH: join(folder, 'made/data/camgate.db'),
    FRIGATE_HOST: frigate.origin,
    GO2RTC_HOST: 'http://127.0.0.1:9',
  }
  const { origin } = await serve(t, env, { by: WITH_USUAL_MASK })
  const { request } = await signIn(origin)
  const clip = await request(`/api/events/${frigate.household.events[1]!.id}/clip.mp4`)
  await clip.arrayBuffer()
  const clips = () => Object.keys(modes(folder)).filter(name => name.endsWith('.mp4'))
  await until(() => clips().length > 0)
  t.same(modes(folder), {
    made: '700',
    'made/data': '700',
    'made/data/camgate.db': '600',
    'made/data/camgate.db-shm': '600',
    'made/data/camgate.db-wal': '600',
    'made/data/camgate.db.key': '600',
    'made/data/clip-cache': '700',
    [clips()[0]!]: '600',
  })
})

t.test(
  'files of an earlier version must not stay readable, nor other files and folders be changed',
  async t => {
    const folder = await temporaryFolder(t)
    const outside = join(await temporaryFolder(t), 'outside')
    const path = join(folder, 'camgate.db')
    mkdirSync(join(folder, 'clip-cache'))
    await fillOldFile(path, 'newer')
    const ours = [
      'camgate.db.before-migration-2026-01-02T03-04-05-678Z',
      'camgate.db.key',
      'clip-cache/1700000000.1-abc~def.final.mp4',
    ]
    const others = ['camgate.db.mine', 'camgate.db2', 'notes.txt', 'clip-cache/notes.txt']
    for (const name of [...ours, ...others]) writeFileSync(join(folder, name), 'x'.repeat(40))
    for (const name of [...ours, ...others, 'camgate.db']) chmodSync(join(folder, name), 0o644)
    for (const name of ['', 'clip-cache']) chmodSync(join(folder, name), 0o775)
    writeFileSync(outside, 'x')
    chmodSync(outside, 0o644)
    symlinkSync(outside, `${path}.before-migration-elsewhere`)

    const nobody = 'http://127.0.0.1:9'
    const env = { DATABASE_PATH: path, GO2RTC_HOST: nobody, FRIGATE_HOST: nobody }
    const { child, output } = await serve(t, env, { by: WITH_USUAL_MASK })
    const found = modes(folder)
    const copies = Object.keys(found).filter(name => /before-migration-\d/.test(name))
    t.equal(copies.length, 2, 'also the copy from before the migration of now')
    for (const name of [...ours, ...copies, ...OF_SQLITE]) t.equal(found[name], '600', name)
    for (const name of others) t.equal(found[name], '644', name)
    t.equal(mode(folder), '775')
    t.equal(found['clip-cache'], '775')
    t.equal(mode(outside), '644', 'a link that somebody laid there is not followed')
    t.notMatch(output(), 'other accounts')

    // As a crash of an earlier version leaves them.
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const name of OF_SQLITE) chmodSync(join(folder, name), 0o644)
    await serve(t, env, { by: WITH_USUAL_MASK })
    for (const name of OF_SQLITE) t.equal(mode(join(folder, name)), '600', name)
  },
)

t.test('a file of another account must not be changed, nor taken for a private one', async t => {
  const folder = await temporaryFolder(t)
  const own = join(folder, 'own')
  writeFileSync(own, '')
  chmodSync(own, 0o644)
  t.equal(await makePrivate(own), false)
  t.equal(mode(own), '600')
  t.equal(await makePrivate(join(folder, 'none')), false)
  if (process.getuid?.() !== 0) {
    t.equal(await makePrivate('/etc/passwd'), true)
    return
  }
  const path = join(folder, 'camgate.db')
  execFileSync(sqlite3(), [path, 'create table x (y)'])
  execFileSync('chown', ['1:1', path])
  chmodSync(path, 0o664)
  const { output } = await serve(t, { DATABASE_PATH: path, FRIGATE_HOST: 'none' })
  await until(() => output().includes('other accounts of this machine may read a file of the database'))
  t.equal(mode(path), '664')
})

t.test('a backup must not be readable for other accounts', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'camgate.db')
  execFileSync(sqlite3(), [path, 'create table x (y)'])
  chmodSync(path, 0o644)
  const copy = join(folder, 'copy.db')
  const [command, ...args] = [...WITH_USUAL_MASK, process.execPath, join(root, 'src/backup.ts'), copy]
  await promisify(execFile)(command!, args, { env: { PATH: process.env.PATH, DATABASE_PATH: path } })
  t.equal(mode(copy), '600')
  t.equal(mode(path), '644', 'the file that was copied is as it was')
})

t.test('bin/start must not leave the mask to whoever calls it', async t => {
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', 'umask 022; exec sh bin/start -p "process.umask().toString(8)"'],
    { cwd: root, env: { PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` } },
  )
  t.equal(stdout, '77\n')
})
