import type { Timestamp } from '../schema.ts'

/** Milliseconds since the epoch as UTC text, `YYYY-MM-DD HH:MM:SS`; fractions of a second are cut. */
export function toTimestamp(ms: number): Timestamp {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** The way back; takes a fraction of a second too. `NaN` for what is no timestamp. */
export function fromTimestamp(timestamp: Timestamp): number {
  return Date.parse(`${timestamp.replace(' ', 'T')}Z`)
}
