import { digits, print } from './figure.ts'
import { met, type Table, type Target } from './section.ts'

/** A table as Markdown, its columns in line. */
export function printTable({ title, columns, rows, note }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(...[column, ...rows.map(row => row[index]!)].map(length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`
  return [
    ...(title ? [`**${title}**`, ''] : []),
    line(columns),
    rule,
    ...rows.map(line),
    ...(note ? ['', note] : []),
  ].join('\n')
}

/** What was promised beside what was measured; the last column is computed from both. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    title: 'Targets',
    columns: ['what', 'target', 'measured', ''],
    rows: targets.map(target => [
      target.what,
      `${target.is === 'at most' ? '≤' : '≥'} ${digits(target.limit)} ${target.unit}`.trim(),
      `${print(target.figure)} ${target.unit}`.trim(),
      met(target) ? 'met' : '**missed**',
    ]),
  }
}

function length(text: string): number {
  return text.length
}
