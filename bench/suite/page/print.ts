import { digits, print } from './figure.ts'
import { judgedValue, type Verdict } from './verdict.ts'

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly note?: string
}

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

/** What was promised beside what was measured. */
export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    title: '',
    columns: ['what', 'target', 'measured', ''],
    rows: verdicts.map(one => [
      one.what,
      `${one.is === 'at most' ? '≤' : '≥'} ${digits(one.limit)} ${one.unit}`.trim(),
      measured(one),
      one.met ? 'met' : '**missed**',
    ]),
  }
}

function measured(one: Verdict): string {
  if (one.figure === undefined) return 'not measured'
  if (!one.worst) return `${print(one.figure)} ${one.unit}`.trim()
  return `${digits(judgedValue(one, one.figure))} ${one.unit}`.trim().concat(' in the worst round')
}

function length(text: string): number {
  return text.length
}
