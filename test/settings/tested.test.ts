import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { settingsRead } from '../support/settings.ts'

const folder = join(import.meta.dirname, '..')
/** Here settings are read, not used. */
const READ_ONLY = /^settings\/(config|docs|tested)\.test\.ts$/

t.test('a setting must not be in no test: nobody would notice that it has no effect', async t => {
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts') && !READ_ONLY.test(name))
    .map(name => readFileSync(join(folder, name), 'utf8'))
  t.ok(tests.length > 80, `${tests.length} files`)
  const settings = settingsRead()
  t.ok(settings.length > 50, `${settings.length} settings`)
  const isSet = (name: string) => tests.some(text => new RegExp(`\\b${name}:`).test(text))
  t.same(
    settings.filter(name => !isSet(name)),
    [],
  )
})
