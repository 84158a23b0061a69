import { FIELDS } from './fields.ts'
import type { Spread } from './spread.ts'

/** Smallest, mean and largest. */
const NUMBERS = 3

/** The fields of rows that are plain lists of numbers, in their order: versions before `unreclaimable_mb` wrote those. */
const LISTED = [
  'rss_mb',
  'heap_mb',
  'external_mb',
  'swap_mb',
  'container_mb',
  'sockets_mb',
  'live_mb',
  'streams',
  'viewers',
  'loop_p99_ms',
  'loop_utilization',
]

/** As JSON, by the name of the field, so that rows outlive changes of `FIELDS`. */
export function writeSpread(spread: Spread): string {
  const entries = FIELDS.map((field, i) => [field, numbersAt(spread, i).map(compact)])
  return JSON.stringify(Object.fromEntries(entries))
}

/** NaN stands for each number of a field that the row does not have. `undefined` where it is not such a row. */
export function readSpread(text: string): Spread | undefined {
  const stored: unknown = JSON.parse(text)
  const fields = Array.isArray(stored) ? byName(stored) : (stored as Record<string, unknown>)
  if (!fields) return undefined
  return FIELDS.flatMap(field => {
    const numbers = fields[field]
    return isSpread(numbers) ? numbers.map(number => number ?? Number.NaN) : Array(NUMBERS).fill(Number.NaN)
  })
}

function byName(numbers: readonly number[]): Record<string, unknown> | undefined {
  if (numbers.length !== LISTED.length * NUMBERS) return undefined
  return Object.fromEntries(LISTED.map((field, i) => [field, numbersAt(numbers, i)]))
}

function isSpread(numbers: unknown): numbers is (number | null)[] {
  return Array.isArray(numbers) && numbers.length === NUMBERS
}

function numbersAt(numbers: readonly number[], index: number): number[] {
  return numbers.slice(index * NUMBERS, (index + 1) * NUMBERS)
}

function compact(value: number): number {
  return Math.round(value * 100) / 100
}
