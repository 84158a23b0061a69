import { cpu } from './cpu.ts'
import { printTable, targetTable } from './print.ts'
import type { Section } from './section.ts'

const SECTIONS: Readonly<Record<string, Section>> = { cpu }

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const chosen = args.filter(arg => arg !== '--quick')
for (const name of chosen.length > 0 ? chosen : Object.keys(SECTIONS)) {
  const section = SECTIONS[name]
  if (!section) throw new Error(`no section ${name}; there are: ${Object.keys(SECTIONS).join(', ')}`)
  const { tables, targets } = await section.run(quick)
  for (const table of [...tables, targetTable(targets)]) console.log(`\n${printTable(table)}`)
}
