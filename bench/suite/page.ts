import type { Machine } from './machine.ts'
import { printTable, targetTable } from './print.ts'
import { met, type Results } from './section.ts'

/** One section as it is kept beside the page. */
export interface Record extends Results {
  readonly title: string
  readonly machine: Machine
  readonly seconds: number
}

const HEAD = `# Benchmarks

Written by \`npm run bench\`; nothing here is written by hand. What stands beside each other was measured in one run, all at the same time where there is room
for that on the machine and in turns where there is not, on a machine that others use as well: what counts are ratios, taken round by round, with the
least and the most that the rounds gave in brackets. Server, upstream and viewers are processes of their own on loopback. A camera sends 4 Mbit/s as 77 fragments
a second, 30 of them pictures, unless a table says otherwise. CPU is user and system time of the serving process alone, as the
kernel counts it. nginx is the distribution's with one worker, \`proxy_buffering off\` and no log; *the floor* is a C program with one
\`send\` for each fragment and viewer and nothing else (\`bench/floor.c\`). How each figure is made: [bench/README.md](../bench/README.md);
what was done for them and what is left: [performance.md](performance.md).

**The figures below are of a build that sent past Node by three addons in C.** The addons are gone. Until the sections are measured anew, live video costs more
CPU than they say, HLS several times as much, and RSS is about 25 MB higher. The targets stand as they were.`

/** The page of all sections, targets first. */
export function page(records: readonly Record[]): string {
  const targets = records.flatMap(record => record.targets)
  const kept = targets.filter(met).length
  return [
    HEAD,
    '',
    `## Targets: ${kept} of ${targets.length} met`,
    '',
    printTable({ ...targetTable(targets), title: '' }),
    '',
    ...records.flatMap(section),
  ].join('\n')
}

function section({ title, tables, plots, machine, seconds }: Record): string[] {
  const { date, cpu, memoryGb, kernel, node, nginx, cc, commit, load } = machine
  return [
    `## ${title}`,
    '',
    ...tables.flatMap(table => [printTable(table), '']),
    ...plots.flatMap(plot => [`![${plot.title}](benchmarks/${plot.name}.svg)`, '']),
    `*${date} UTC, ${Math.round(seconds)} s, at ${commit}; ${cpu}, ${memoryGb} GB, ${kernel}, load ${load} before; Node ${node}, ${nginx}, ${cc}*`,
    '',
  ]
}
