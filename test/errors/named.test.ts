import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

function sources(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .map(name => readFileSync(join(root, folder, name), 'utf8'))
}

t.test('an error must not be in no test: nobody would notice that it never comes', async t => {
  const defined = new Set(
    ['src', 'plugins', 'routes']
      .flatMap(folder => sources(folder, '.ts'))
      .flatMap(text => [...text.matchAll(/\b(?:defineError|CodedError|super)\(\s*'([A-Z][A-Z0-9_]+)'/g)])
      .map(([, code]) => code!),
  )
  for (const [, code] of sources('src', 'client-error.ts')[0]!.matchAll(/\[\d{3}, '([A-Z_]+)'/g))
    defined.add(code!)
  t.ok(defined.size > 80, `${defined.size} codes`)
  t.ok(defined.has('REQUEST_TIMEOUT') && defined.has('ACCOUNT_DISABLED') && defined.has('LIVE_OVERLOADED'))

  const tests = sources('test', '.test.ts').join('\n')
  t.same(
    [...defined].filter(code => !new RegExp(`\\b${code}\\b`).test(tests)),
    [],
  )
})
