import { JsonTooLarge } from '../../json/errors.ts'
import { RowsWriter } from '../../json/rows-writer.ts'
import { FrigateMalformed, FrigateTooLarge } from '../errors.ts'
import type { FrigateClient } from './client.ts'
import { isRecord } from './json.ts'
import type { FrigateRequest } from './request.ts'

type Row = Readonly<Record<string, unknown>>

const MAX_BYTES = 4 * 1024 * 1024
/** Ten-second segments of two days are the longest list that is asked for. */
const LIMITS = { bytes: MAX_BYTES, members: 20_000, memberBytes: 256 * 1024, depth: 32 }

/** A list of Frigate's for somebody who asks. */
export interface ListRequest extends FrigateRequest {
  /** Names the list in errors. */
  readonly what: string
}

/** The rows of a list as they come, some in each turn of the event loop. Throws `FRIGATE_MALFORMED` at one that is not what `is` says. */
export async function* rowsOf<T extends Row>(
  client: FrigateClient,
  path: string,
  { what, ...request }: ListRequest,
  is: (row: Row) => row is T,
): AsyncGenerator<readonly T[]> {
  const container = { kind: 'array', path: [] } as const
  for await (const members of client.members(path, what, { ...request, container, limits: LIMITS }))
    yield members.map(({ value }) => {
      if (!isRecord(value) || !is(value)) throw new FrigateMalformed(what)
      return value
    })
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
