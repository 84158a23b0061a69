import { FIELDS, type Field, type Sample } from './fields.ts'
import { Ring } from './ring.ts'
import { type Spread, SpreadBuilder } from './spread.ts'

export const RANGES = ['1h', '24h', '30d'] as const
export type Range = (typeof RANGES)[number]

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAYS = 30
const MARKS = 200

/** Something that happened at a moment: a start, an action of the watchdog. */
export interface Mark {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly what: string
}

/** One hour as it is kept over restarts. */
export interface Hour {
  /** Its first sample, in milliseconds since the epoch: a restart within the hour begins another one. */
  readonly at: number
  readonly spread: Spread
  readonly marks: readonly Mark[]
}

/** `null` where an earlier version did not sample the field. */
export interface Series {
  readonly min: (number | null)[]
  readonly mean: (number | null)[]
  readonly max: (number | null)[]
}

/** Columns, as charts want them: one time for each value. */
export interface Columns {
  readonly range: Range
  readonly interval_seconds: number
  /** Seconds since the epoch. */
  readonly time: number[]
  readonly series: Record<Field, Series>
  readonly marks: Mark[]
}

/**
 * Samples of one hour as they are, of a day by the minute, of thirty days by the hour: rings of a fixed size. An hour
 * that is over, or that the process does not see to its end, is handed out to be kept.
 */
export class History {
  readonly #sampleMs: number
  readonly #onHour: (hour: Hour) => void
  readonly #raw: Ring
  readonly #minutes = new Ring((24 * HOUR_MS) / MINUTE_MS, FIELDS.length * 3)
  readonly #hours = new Ring(DAYS * 24, FIELDS.length * 3)
  readonly #minute = new SpreadBuilder()
  readonly #hour = new SpreadBuilder()
  readonly #marks: Mark[] = []
  #at: number | undefined
  #hourSince = 0

  constructor(sampleMs: number, onHour: (hour: Hour) => void) {
    this.#sampleMs = sampleMs
    this.#onHour = onHour
    this.#raw = new Ring(Math.ceil(HOUR_MS / sampleMs), FIELDS.length)
  }

  /** Hours of earlier runs, oldest first. */
  restore(hours: Iterable<Hour>): void {
    for (const { at, spread, marks } of hours) {
      this.#hours.push(at, spread)
      for (const mark of marks) this.#remember(mark)
    }
  }

  mark(mark: Mark): void {
    this.#remember(mark)
  }

  /** `time` in milliseconds since the epoch; samples come in the order of their times. */
  add(time: number, sample: Sample): void {
    const before = this.#at ?? time
    if (floor(time, MINUTE_MS) !== floor(before, MINUTE_MS)) this.#endMinute(floor(before, MINUTE_MS))
    if (floor(time, HOUR_MS) !== floor(before, HOUR_MS)) this.#endHour()
    if (this.#hour.count === 0) this.#hourSince = time
    this.#at = time
    this.#raw.push(
      time,
      FIELDS.map(field => sample[field]),
    )
    this.#minute.add(sample)
    this.#hour.add(sample)
  }

  /** Hands out the hour that is under way: the process ends. */
  close(): void {
    if (this.#hour.count > 0) this.#onHour(this.#endedHour())
  }

  columns(range: Range): Columns {
    const [ring, intervalMs] =
      range === '1h'
        ? [this.#raw, this.#sampleMs]
        : range === '24h'
          ? [this.#minutes, MINUTE_MS]
          : [this.#hours, HOUR_MS]
    const time: number[] = []
    const series = Object.fromEntries(
      FIELDS.map(field => [field, { min: [], mean: [], max: [] } as Series]),
    ) as Record<Field, Series>
    const append = (at: number, row: ArrayLike<number>) => {
      time.push(Math.round(at / 1000))
      const each = row.length / FIELDS.length
      FIELDS.forEach((field, i) => {
        series[field].min.push(rounded(row[i * each]!))
        series[field].mean.push(rounded(row[i * each + (each === 3 ? 1 : 0)]!))
        series[field].max.push(rounded(row[i * each + each - 1]!))
      })
    }
    for (const { time: at, row } of ring.rows()) append(at, row)
    if (ring === this.#minutes && this.#minute.count > 0)
      append(floor(this.#at!, MINUTE_MS), this.#minute.peek())
    if (ring === this.#hours && this.#hour.count > 0) append(this.#hourSince, this.#hour.peek())
    const from = (time[0] ?? 0) * 1000 - intervalMs
    const marks = this.#marks.filter(mark => mark.at >= from)
    return { range, interval_seconds: Math.round(intervalMs / 1000), time, series, marks }
  }

  #endMinute(at: number): void {
    if (this.#minute.count > 0) this.#minutes.push(at, this.#minute.take())
  }

  #endHour(): void {
    if (this.#hour.count === 0) return
    const hour = this.#endedHour()
    this.#hours.push(hour.at, hour.spread)
    this.#onHour(hour)
  }

  #endedHour(): Hour {
    const at = this.#hourSince
    return { at, spread: this.#hour.take(), marks: this.#marks.filter(mark => mark.at >= at) }
  }

  #remember(mark: Mark): void {
    this.#marks.push(mark)
    if (this.#marks.length > MARKS) this.#marks.shift()
  }
}

function floor(time: number, step: number): number {
  return Math.floor(time / step) * step
}

function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000
}
