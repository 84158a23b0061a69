export type Labels = Readonly<Record<string, string>>

export interface Reading {
  readonly labels?: Labels
  readonly value: number
  /** What follows the name of the metric: `_sum`, `_bucket` and the like. */
  readonly suffix?: string
}

export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly readings: Iterable<Reading>
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Prometheus' text format, version 0.0.4. */
export function expose(metrics: Iterable<Metric>): string {
  let text = ''
  for (const { name, help, type, readings } of metrics) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    for (const { labels = {}, value, suffix = '' } of readings)
      text += `${name}${suffix}${labelText(labels)} ${value}\n`
  }
  return text
}

/** One reading for each entry, its key under the label `label`. */
export function* byLabel(label: string, entries: Readonly<Record<string, number>>): Generator<Reading> {
  for (const [key, value] of Object.entries(entries)) yield { labels: { [label]: key }, value }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, char => (char === '\n' ? '\\n' : `\\${char}`))
}
