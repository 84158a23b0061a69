/** The middle of what several rounds gave, and how far they lie apart. */
export interface Figure {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function figure(values: readonly number[]): Figure {
  if (values.length === 0) throw new RangeError('a figure of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const middle = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1)
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length
  return { median, low: sorted[0]!, high: sorted.at(-1)! }
}

/** Three digits, and what the rounds gave at least and at most: `0.97 (0.95–1.02)`. */
export function print({ median, low, high }: Figure): string {
  const range = `${digits(low)}–${digits(high)}`
  return digits(low) === digits(high) ? digits(median) : `${digits(median)} (${range})`
}

export function digits(value: number): string {
  if (value === 0) return '0'
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(places, 3))
}
