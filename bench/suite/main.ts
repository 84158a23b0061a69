import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { api } from './api.ts'
import { cameras } from './cameras.ts'
import { cpu } from './cpu.ts'
import { fairness } from './fairness.ts'
import { firstFrame } from './first-frame.ts'
import { hls } from './hls.ts'
import { latency } from './latency.ts'
import { limit } from './limit.ts'
import { describeMachine } from './machine.ts'
import { memory } from './memory.ts'
import { page, type Record } from './page.ts'
import { drawPlot } from './plot.ts'
import { printTable, targetTable } from './print.ts'
import type { Section } from './section.ts'
import { start } from './start.ts'
import { system } from './system.ts'

/**
 * `npm run bench`, or some sections: `npm run bench -- cpu latency`; `cpu` is both of `cpu-websocket` and `cpu-mp4`. Each section's results are kept beside the page, which
 * is written anew from all that are there. `--quick` does less of each and writes to `.bench/` instead of `docs/`.
 */
const SECTIONS: Readonly<{ [name: string]: Section }> = {
  'cpu-websocket': cpu('websocket'),
  'cpu-mp4': cpu('mp4'),
  cameras,
  hls,
  system,
  'first-frame': firstFrame,
  latency,
  fairness,
  memory,
  limit,
  api,
  start,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    /** Seconds that each step of the memory section is held. */
    hold: { type: 'string' },
  },
})
const hold = values.hold === undefined ? undefined : Number(values.hold)
const folder = values.quick ? '.bench' : 'docs'
const kept = (name: string) => join(folder, 'benchmarks', name)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
await mkdir(kept(''), { recursive: true })
const names = Object.keys(SECTIONS)
const isMeant = (name: string, asked: string) => name === asked || name.startsWith(`${asked}-`)
const unknown = positionals.filter(asked => !names.some(name => isMeant(name, asked)))
if (unknown.length > 0) throw new Error(`no ${unknown.join(', ')}; there are ${names.join(', ')}`)

for (const name of names) {
  if (positionals.length > 0 && !positionals.some(asked => isMeant(name, asked))) continue
  const section = SECTIONS[name]!
  if (values.quick && section.slow) continue
  try {
    await measure(name, section)
  } catch (error) {
    // A server under test has ended, a real go2rtc for one: what was measured of this section before stays as it is.
    console.error(`\n${name} was not measured:`, error)
    process.exitCode = 1
  }
}
console.log(`\nwritten: ${folder}/benchmarks.md`)

async function measure(name: string, section: Section): Promise<void> {
  console.log(`\n## ${section.title}`)
  const machine = describeMachine()
  const startedAt = performance.now()
  const results = await section.run(values.quick, hold)
  const seconds = (performance.now() - startedAt) / 1000
  for (const table of [...results.tables, targetTable(results.targets)]) console.log(`\n${printTable(table)}`)
  const record: Record = { title: section.title, machine, seconds, ...results }
  await writeFile(kept(`${name}.json`), `${JSON.stringify(record, undefined, 1)}\n`)
  for (const plot of results.plots) await writeFile(kept(`${plot.name}.svg`), drawPlot(plot))
  await writeFile(join(folder, 'benchmarks.md'), page(await records()))
}

/** Those that were run, now or before, in the order of the sections. */
async function records(): Promise<Record[]> {
  const found: Record[] = []
  for (const name of names) {
    const text = await readFile(kept(`${name}.json`), 'utf8').catch(() => undefined)
    if (text !== undefined) found.push(JSON.parse(text) as Record)
  }
  return found
}
