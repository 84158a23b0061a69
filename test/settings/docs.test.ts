import { readFileSync } from 'node:fs'
import t from 'tap'
import { readConfig } from '../../src/config/config.ts'
import { settingsRead } from '../support/settings.ts'

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

const examples = Object.fromEntries(
  [...file('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [
    name!,
    value!,
  ]),
)

t.test('a setting is not left out of .env.example, and none is there that means nothing', async t => {
  t.same(Object.keys(examples).sort(), settingsRead())
})

t.test('a default in .env.example is not another than the real one', async t => {
  t.same(readConfig(examples), readConfig({}))
})

t.test('a setting is not left out of docs/settings.md, with its default', async t => {
  const rows = file('docs/settings.md')
    .split('\n')
    .filter(line => line.startsWith('| `'))
  for (const name of settingsRead()) {
    const row = rows.find(line => line.split('|')[1]!.includes(`\`${name}\``))
    t.ok(row, `${name} has a row`)
    const value = examples[name]
    if (value) t.match(row, `\`${value}\``, `${name} defaults to ${value}`)
  }
})

/** What the image says itself: the container's own address and files, and that it is restarted. */
const OF_THE_IMAGE = ['HOST', 'PORT', 'DATABASE_PATH', 'SUPERVISED']

t.test('a setting in .env does not reach the container', async t => {
  const compose = file('docker-compose.yml')
  for (const name of settingsRead())
    if (!OF_THE_IMAGE.includes(name)) t.match(compose, `      ${name}: \${${name}:-`, name)
})
