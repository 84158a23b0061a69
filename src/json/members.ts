import { JsonTooLarge, JsonUnwieldy } from './errors.ts'
import { loopTurn } from './loop-turns.ts'
import { type Container, MemberSplitter } from './member-splitter.ts'
import { type JsonLimits, parseJson, USUAL } from './parse.ts'

export interface Member {
  /** Of a member of an object. */
  readonly name: string | undefined
  /** `undefined`: it is beyond a limit. */
  readonly value: unknown
}

export interface MembersLimits {
  /** Of the whole text. */
  readonly bytes: number
  readonly memberBytes: number
  /** Of one member. */
  readonly member?: JsonLimits
}

/** What is read, parsed and used in one turn of the event loop, in bytes: below a millisecond. */
const PIECE_BYTES = 16 * 1024

/**
 * The members of one array or object of a JSON text as it comes, each a value. What the reader of the generator does with those that
 * it is given together belongs to the same turn of the event loop; when it leaves, no more is read. Throws `JsonTooLarge` beyond the limit
 * of the whole, and `JsonUnreadable` at what is no JSON.
 */
export async function* membersOf(
  text: AsyncIterable<Buffer>,
  container: Container,
  limits: MembersLimits,
): AsyncGenerator<readonly Member[]> {
  const splitter = new MemberSplitter(container, limits.memberBytes)
  let bytes = 0
  for await (const chunk of text) {
    bytes += chunk.length
    if (bytes > limits.bytes) throw new JsonTooLarge(limits.bytes)
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      await loopTurn()
      const members = splitter.push(chunk.subarray(start, start + PIECE_BYTES))
      if (members.length > 0)
        yield members.map(({ name, text }) => ({ name, value: read(text, limits.member) }))
    }
  }
  splitter.end()
}

function read(text: string | undefined, limits: JsonLimits = USUAL): unknown {
  if (text === undefined) return undefined
  try {
    return parseJson(text, limits)
  } catch (error) {
    if (error instanceof JsonUnwieldy) return undefined
    throw error
  }
}
