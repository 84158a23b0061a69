import { execFileSync } from 'node:child_process'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { NO_OWN_DISK, withOwnMounts } from '../support/full-disk.ts'
import { oldFile } from '../support/old-backend.ts'
import { serveUntilExit } from '../support/serve.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sqlite3 } from '../support/tools.ts'

/** A file whose schema is up to date, as a server leaves it when it ends. */
async function currentFile(t: Test): Promise<string> {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const database = await openDatabase({ path, connections: 2, waitMs: 1000 })
  database.close()
  return path
}

/** Root ignores the mode of files; without this capability it does not. */
const MODES_COUNT =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : []

/** One line, exit code 1, and neither the file changed nor another left beside it but SQLite's own, which hold nothing. */
async function refuses(t: Test, path: string, line: RegExp, by: readonly string[] = []) {
  const before = await readFile(path)
  const beside = await others(path)
  const { code, stderr } = await serveUntilExit({ DATABASE_PATH: path, LOG_LEVEL: 'error' }, by)
  t.equal(code, 1)
  t.equal(stderr.split('\n').filter(Boolean).length, 1, stderr)
  t.match(stderr, line)
  t.ok(before.equals(await readFile(path)), 'the file is as it was')
  t.same(await others(path), beside)
}

async function others(path: string): Promise<string[]> {
  return (await readdir(dirname(path))).filter(name => !/-(wal|shm)$/.test(name))
}

t.test('a read-only file or folder is written to, or stops the start with a stack', async t => {
  for (const make of [() => oldFile(t, 'older'), () => currentFile(t)]) {
    const path = await make()
    const line = new RegExp(`^camgate cannot start: ${path} cannot be written: `)
    await chmod(path, 0o444)
    await refuses(t, path, line, MODES_COUNT)
    await chmod(dirname(path), 0o555)
    await refuses(t, path, line, MODES_COUNT)
    await chmod(path, 0o644)
    await refuses(t, path, line, MODES_COUNT)
    await chmod(dirname(path), 0o755)
  }
})

t.test('a file that may not be read is replaced', async t => {
  const path = await oldFile(t, 'older')
  await chmod(path, 0)
  const { code, stderr } = await serveUntilExit({ DATABASE_PATH: path }, MODES_COUNT)
  t.equal(code, 1)
  t.match(stderr, `camgate cannot start: ${path} cannot be written: `)
  t.ok((await stat(path)).size > 0)
})

t.test('a damaged file, text, or a newer schema is written to', async t => {
  const damaged = await oldFile(t, 'newer')
  const bytes = await readFile(damaged)
  bytes.fill(0xa5, 4096, 8192)
  await writeFile(damaged, bytes)
  await refuses(t, damaged, new RegExp(`^camgate cannot start: ${damaged}`))

  const text = join(await temporaryFolder(t), 'notes.txt')
  await writeFile(text, 'this is no database, but long enough to be looked at as one. '.repeat(20))
  await refuses(t, text, new RegExp(`^camgate cannot start: ${text}`))

  const future = await currentFile(t)
  execFileSync(sqlite3(), [
    future,
    `insert into kysely_migration values ('0999-the-future', '2030-01-01T00:00:00.000Z')`,
  ])
  await refuses(t, future, /^camgate cannot start: .*0999-the-future/)
})

/** Runs a command while `folder` is a disk on which `path` fits and `room` bytes beside it; 99 if anything is changed there. */
const onFullDisk = (path: string, size: number, room: number) =>
  withOwnMounts(
    `path=$0 folder=$(dirname "$0") original=$(mktemp) code=0
   cp "$path" "$original"
   mount -t tmpfs -o size=$1 none "$folder"
   cp "$original" "$path"
   shift
   "$@" || code=$?
   cmp "$original" "$path" && [ "$(ls "$folder" | grep -v -e '-wal$' -e '-shm$')" = "$(basename "$path")" ] || code=99
   rm "$original"
   exit $code`,
    path,
    String((Math.ceil(size / 4096) + Math.ceil(room / 4096)) * 4096),
  )

t.test(
  'a full disk leaves a file half migrated, half a copy beside it, or a stack',
  { skip: NO_OWN_DISK },
  async t => {
    const old = await oldFile(t, 'older')
    const { size } = await stat(old)
    const current = await currentFile(t)
    const cases: [string, number][] = [
      // The copy does not fit, half of it does, it does but what is migrated does not.
      [old, 0],
      [old, size / 2],
      [old, size + 8192],
      [current, 0],
    ]
    for (const [path, room] of cases) {
      const by = onFullDisk(path, (await stat(path)).size, room)
      await refuses(t, path, /: There is no room on the disk for /, by)
    }
  },
)
