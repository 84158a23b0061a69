import { COMPETITORS, leftOut, type Plan } from '../plan.ts'
import type { Outcome } from '../section.ts'
import type { Machine } from './machine.ts'
import { printTable, verdictTable } from './print.ts'

/** A whole run, or a part of one. */
export interface Run {
  /** As it was typed. */
  readonly command: string
  readonly plan: Plan
  readonly machine: Machine
  readonly outcomes: readonly Outcome[]
}

/** The page of a run, targets first. */
export function page({ command, plan, machine, outcomes }: Run): string {
  const verdicts = outcomes.flatMap(outcome => outcome.verdicts)
  const kept = verdicts.filter(({ met }) => met).length
  return [
    `# Benchmarks

Written by \`${command}\`; nothing here is written by hand. All of it is one run. Each section has ${rounds(plan)}; a figure is their median, with the least and the most
of them in brackets, and a ratio is taken round by round. What stands beside each other is measured at the same time where the machine has room for that, and in turns
where it has not. A section that fails misses all of its targets. So does one with an answer that is not a 200, or with a viewer that is not served.

Server, upstream and viewers are processes of their own on loopback. A camera sends 4 Mbit/s as 77 fragments a second, 30 of them pictures, unless a table says otherwise.
CPU is user and system time of the serving process alone, as the kernel counts it. *nginx* is the distribution's at its best for this: one worker, no log, HTTP/1.0 to
the upstream, a buffer that takes a keyframe in one read, nothing held back; for files \`sendfile\` and \`open_file_cache\`. *The floor* is a C program with one \`send\` for each
fragment and viewer and nothing else (\`bench/floor.c\`). How each figure is made: [bench/README.md](../bench/README.md); what was done for them and what is left:
[performance.md](performance.md).
`,
    absent(plan),
    `*${described(machine)}*`,
    '',
    `## Targets: ${kept} of ${verdicts.length} met`,
    '',
    printTable(verdictTable(verdicts)),
    '',
    ...outcomes.flatMap(section),
  ].join('\n')
}

function rounds({ rounds, quick }: Plan): string {
  const count = `${rounds} round${rounds === 1 ? '' : 's'}`
  return quick
    ? `${count} and does less (\`--quick\`): good for a look at whether it works, and for nothing else`
    : count
}

function absent(plan: Plan): string {
  const names = leftOut(plan)
  if (names.length === 0) return `Beside them: ${Object.values(COMPETITORS).join(', ')}.\n`
  return `**Left out**, with their rows and targets, because their variables name no program: ${names.join(', ')}.\n`
}

function described({ date, commit, cpu, memoryGb, kernel, load, programs }: Machine): string {
  return `${date} UTC, at ${commit}; ${cpu}, ${memoryGb} GB, ${kernel}, load ${load} before; ${programs.join(', ')}`
}

function section({ title, tables, plots, failed, seconds }: Outcome): string[] {
  return [
    `## ${title}`,
    '',
    ...(failed === undefined ? [] : [`**Failed**: ${failed}. Its targets are missed.`, '']),
    ...tables.flatMap(table => [printTable(table), '']),
    ...plots.flatMap(plot => [`![${plot.title}](benchmarks/${plot.name}.svg)`, '']),
    `*${Math.round(seconds)} s*`,
    '',
  ]
}
