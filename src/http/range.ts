import { parse } from 'range-parser'

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

const MALFORMED = 1

/**
 * The one range of a `Range` header that is to be answered (RFC 9110, 14.2). `undefined`: the header is to be
 * ignored, because it is malformed, of another unit or asks for several ranges. `'unsatisfiable'`: 416.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  if (header === undefined) return undefined
  const { code, type, ranges } = parse(size, header)
  if (type !== 'bytes' || code & MALFORMED || ranges.length > 1) return undefined
  return ranges[0] ?? 'unsatisfiable'
}
