import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const HOME = join(import.meta.dirname, '..')
const read = (name: string) => readFileSync(join(HOME, name), 'utf8')
const DOCS = [
  'README.md',
  'bench/README.md',
  ...readdirSync(join(HOME, 'docs')).map(name => `docs/${name}`),
].filter(name => name.endsWith('.md'))
/** A file or folder of ours in backquotes. What is built or made by the reader is none. */
const FILES = /`((?:src|plugins|routes|test|bench|bin|build|docs|demo|public|deploy|openapi)\/[\w./-]+)`/g

t.test('the docs name a file, a link or a command that is not there any more', async t => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const name of DOCS) {
    const text = read(name)
    for (const [, path] of text.matchAll(FILES)) t.ok(existsSync(join(HOME, path!)), `${path} in ${name}`)
    for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      t.ok(existsSync(join(HOME, dirname(name), link!)), `${link} in ${name}`)
    for (const [, script] of text.matchAll(/npm run ([a-z][\w:-]*)/g))
      t.ok(scripts[script!], `npm run ${script} in ${name}`)
  }
})

t.test('a package that the docs list is not installed any more, or one is left out', async t => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  const listed = read('docs/dependencies.md')
  for (const name of Object.keys(dependencies)) t.match(listed, `\`${name}\``, name)
})
