import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync } from 'node:zlib'
import Database from 'better-sqlite3'

/** A process of its own for `test/memory/file-pages.test.ts`: releases a hundred times while it works, and says what was resident. */
const [path] = process.argv.slice(2)
const { release } = createRequire(import.meta.url)(path!) as { release(): void }

const mappedKb = () => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])

/** Something of Node, V8, OpenSSL, ICU and SQLite. */
function work(): string {
  const database = new Database(':memory:')
  database.exec('CREATE TABLE word (text TEXT)')
  const insert = database.prepare('INSERT INTO word VALUES (?)')
  for (let i = 0; i < 500; i++) insert.run(new Intl.NumberFormat('de').format(i * 1001).normalize('NFD'))
  const words = database.prepare('SELECT group_concat(text ORDER BY text DESC) FROM word').pluck().get()
  database.close()
  return createHash('sha256')
    .update(brotliCompressSync(String(words)))
    .digest('hex')
}

const expected = work()
const before = mappedKb()
release()
const after = mappedKb()
let same = true
for (let i = 0; i < 100; i++) {
  release()
  if (i % 10 === 0) same &&= work() === expected
}
console.log(JSON.stringify({ before, after, same }))
