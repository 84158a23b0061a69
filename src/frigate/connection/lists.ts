import { JsonTooLarge } from '../../json/errors.ts'
import { isRecord } from '../../json/record.ts'
import { RowsWriter } from '../../json/rows-writer.ts'
import { FrigateLeftOut, FrigateTooLarge } from '../errors.ts'
import type { FrigateClient } from './client.ts'
import type { FrigateRequest } from './request.ts'

type Row = Readonly<Record<string, unknown>>

const MAX_BYTES = 4 * 1024 * 1024
const MAX_ROW_BYTES = 256 * 1024
/** Ten-second segments of two days are the longest list that is asked for. */
const MOST_ROWS = 20_000

/** A list of Frigate's for somebody who asks. */
export interface ListRequest extends FrigateRequest {
  /** Names the list in errors. */
  readonly what: string
  /** Rows that were asked for: Frigate may give more. */
  readonly most?: number | undefined
  /** Of the whole answer; 4 MiB unless it is set. */
  readonly bytes?: number
}

/** The rows of a list as they come, some in each turn of the event loop. One that is not what `is` says is left out, and the log told. */
export async function* rowsOf<T extends Row>(
  client: FrigateClient,
  path: string,
  { what, most = MOST_ROWS, bytes = MAX_BYTES, ...request }: ListRequest,
  is: (row: Row) => row is T,
): AsyncGenerator<readonly T[]> {
  const container = { kind: 'array', path: [] } as const
  const limits = { bytes, memberBytes: MAX_ROW_BYTES }
  let left = most
  let odd = 0
  for await (const members of client.members(path, what, { ...request, container, limits })) {
    const rows = members.flatMap(({ value }) => (isRecord(value) && is(value) ? [value] : []))
    odd += members.length - rows.length
    yield rows.slice(0, left)
    left -= rows.length
    if (left < 0) break
  }
  if (odd > 0) client.complain(new FrigateLeftOut(`${odd} rows of ${what}`))
  if (most === MOST_ROWS && left < 0) client.complain(new FrigateLeftOut(`rows of ${what} beyond ${most}`))
}

/** Writes a list as JSON, some rows in each turn of the event loop: what `of` makes of each, without those of which it makes nothing. */
export async function listAsJson<T>(
  rows: AsyncIterable<readonly T[]>,
  of: (row: T) => unknown,
): Promise<Buffer> {
  const writer = new RowsWriter(2 * MAX_BYTES)
  try {
    for await (const some of rows) writer.add(some.map(of).filter(made => made !== undefined))
    return writer.end()
  } catch (error) {
    throw error instanceof JsonTooLarge ? new FrigateTooLarge(error.limit) : error
  }
}

export const EMPTY_LIST = Buffer.from('[]')
