import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from './page/machine.ts'
import { page, type Run } from './page/page.ts'
import { drawPlot } from './page/plot.ts'
import { printTable, verdictTable } from './page/print.ts'
import { planOf } from './plan.ts'
import { type Outcome, type Section, sectionsOf } from './section.ts'
import { api } from './sections/api.ts'
import { beside } from './sections/beside.ts'
import { crowd, household } from './sections/fan-out.ts'
import { firstFrame } from './sections/first-frame.ts'
import { hls } from './sections/hls.ts'
import { latency } from './sections/latency.ts'
import { limit } from './sections/limit.ts'
import { memory } from './sections/memory.ts'
import { players } from './sections/players.ts'
import { start } from './sections/start.ts'
import { system } from './sections/system.ts'

/**
 * `npm run bench` measures every section and writes the page. Some sections (`npm run bench -- household hls`) or `--quick`
 * go into `.bench/` instead: the page is always one run.
 */
const SECTIONS: Readonly<Record<string, Section>> = {
  household,
  crowd,
  system,
  hls,
  'first-frame': firstFrame,
  latency,
  players,
  beside,
  memory,
  limit,
  api,
  start,
}

const { values, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const plan = planOf(values.quick, process.env)
const options = [...(plan.quick ? ['--quick'] : []), ...chosen]
const command = ['npm run bench', ...(options.length > 0 ? ['--', ...options] : [])].join(' ')
const machine = describeMachine()
const outcomes: Outcome[] = []
for (const section of sectionsOf(plan, SECTIONS, chosen)) {
  console.log(`\n## ${section.title}`)
  const outcome = await section.run(plan)
  for (const table of [...outcome.tables, verdictTable(outcome.verdicts)])
    console.log(`\n${printTable(table)}`)
  if (outcome.failed !== undefined) process.exitCode = 1
  outcomes.push(outcome)
}
await write(options.length === 0 ? 'docs' : '.bench', { command, plan, machine, outcomes })

async function write(folder: string, run: Run): Promise<void> {
  const details = join(folder, 'benchmarks')
  await rm(details, { recursive: true, force: true })
  await mkdir(details, { recursive: true })
  for (const plot of run.outcomes.flatMap(({ plots }) => plots))
    await writeFile(join(details, `${plot.name}.svg`), drawPlot(plot))
  await writeFile(join(details, 'run.json'), `${JSON.stringify(run, undefined, 1)}\n`)
  await writeFile(join(folder, 'benchmarks.md'), page(run))
  console.log(`\nwritten: ${folder}/benchmarks.md`)
}
