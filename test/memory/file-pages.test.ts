import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compileAddon } from '../../build/addon.ts'
import { releaseFilePages } from '../../src/memory/file-pages.ts'
import { cc } from '../support/tools.ts'

const SOURCE = join(import.meta.dirname, '../../src/memory/file-pages.c')
const PROGRAM = join(import.meta.dirname, '../support/page-release.ts')

/** Has a process release its pages a hundred times; kB of mapped files before and after, and whether it still works. */
function releaseInProcess(t: Test, ...flags: string[]) {
  const addon = join(t.testdir(), 'file-pages.node')
  compileAddon(SOURCE, addon, cc())
  const output = execFileSync(process.execPath, [...flags, PROGRAM, addon], {
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })
  return JSON.parse(output) as { before: number; after: number; same: boolean }
}

t.test('the sources do not run because nobody compiled the addon', async t => {
  t.equal(releaseFilePages(), false)
})

t.test('pages of code stay resident, or are not the same when they come back', async t => {
  const { before, after, same } = releaseInProcess(t)
  t.comment(`mapped files: ${before} kB, then ${after} kB`)
  t.ok(after < before / 2)
  t.ok(same)
})

t.test('code that was moved to huge pages, which have no file, is lost', async t => {
  t.ok(releaseInProcess(t, '--use-largepages=on').same)
})
