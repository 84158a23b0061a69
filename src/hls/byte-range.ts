import type { ByteRange } from './delivery.ts'

/**
 * What a `Range` header asks for of so many bytes (RFC 9110, 14.2); undefined where it is to be ignored: none,
 * malformed, or more than one range. `unsatisfiable` calls for a 416.
 */
export function parseRange(
  header: string | undefined,
  bytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header)
  if (!match) return undefined
  const [, from, to] = match as unknown as [string, string, string]
  if (from === '' && to === '') return undefined
  if (from === '') {
    const suffix = Number(to)
    return suffix === 0 ? 'unsatisfiable' : { first: Math.max(0, bytes - suffix), last: bytes - 1 }
  }
  if (to !== '' && Number(to) < Number(from)) return undefined
  if (Number(from) >= bytes) return 'unsatisfiable'
  return { first: Number(from), last: to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1) }
}
