import { HlsBadReload } from '../errors.ts'
import type { Window } from '../window/window.ts'

/** What a blocking reload waits for (RFC 8216bis, 6.2.5.2): a whole segment, or one of its parts. */
export interface Awaited {
  readonly number: number
  readonly part: number | undefined
}

/** Beyond the open segment. */
const FURTHEST_SEGMENT = 1
const FURTHEST_SECONDS = 3

/** Reads `_HLS_msn` and `_HLS_part`; undefined if there is nothing to wait for. Throws `HLS_BAD_RELOAD`. */
export function readAwaited(msn: string | undefined, part: string | undefined): Awaited | undefined {
  if (msn === undefined) {
    if (part !== undefined) throw new HlsBadReload('_HLS_part without _HLS_msn')
    return undefined
  }
  return {
    number: decimal('_HLS_msn', msn),
    part: part === undefined ? undefined : decimal('_HLS_part', part),
  }
}

/** Throws `HLS_BAD_RELOAD` for what is so far ahead that no player could ask for it in earnest. */
export function checkAwaited({ number, part }: Awaited, window: Window, partSeconds: number): void {
  if (number > window.openNumber + FURTHEST_SEGMENT) throw new HlsBadReload('_HLS_msn is too far ahead')
  if (part === undefined || number < window.openNumber) return
  const listed = number === window.openNumber ? (window.open?.parts.length ?? 0) : 0
  if (part > listed + Math.ceil(FURTHEST_SECONDS / partSeconds))
    throw new HlsBadReload('_HLS_part is too far ahead')
}

/** Whether the playlist has it. A part beyond the end of its segment is the first of the next. */
export function isListed({ number, part }: Awaited, window: Window): boolean {
  if (number > window.openNumber) return false
  if (number === window.openNumber) return part !== undefined && part < (window.open?.parts.length ?? 0)
  const parts = window.find(number)?.parts.length ?? Number.POSITIVE_INFINITY
  if (part === undefined || part < parts) return true
  return number + 1 < window.openNumber || (window.open?.parts.length ?? 0) > 0
}

function decimal(name: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new HlsBadReload(`${name} is no whole number`)
  return Number(value)
}
