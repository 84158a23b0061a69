import { JsonTooLarge, JsonUnreadable } from './errors.ts'
import { loopTurn } from './loop-turns.ts'
import { type Container, type MemberLimits, MemberSplitter } from './member-splitter.ts'

export interface Member {
  /** Of a member of an object. */
  readonly name: string | undefined
  readonly value: unknown
}

export interface MembersLimits extends MemberLimits {
  /** Of the whole text. */
  readonly bytes: number
}

/** What is read, parsed and used in one turn of the event loop, in bytes: below a millisecond. */
const PIECE_BYTES = 16 * 1024

/**
 * The members of one array or object of a JSON text as it comes, each a value. What the reader of the generator does with those that
 * it is given together belongs to the same turn of the event loop. Throws `JsonUnreadable` beyond a limit or at what is no JSON.
 */
export async function* membersOf(
  text: AsyncIterable<Buffer>,
  container: Container,
  limits: MembersLimits,
): AsyncGenerator<readonly Member[]> {
  const splitter = new MemberSplitter(container, limits)
  let bytes = 0
  for await (const chunk of text) {
    bytes += chunk.length
    if (bytes > limits.bytes) throw new JsonTooLarge(limits.bytes)
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      await loopTurn()
      const members = splitter.push(chunk.subarray(start, start + PIECE_BYTES))
      if (members.length > 0) yield members.map(({ name, text }) => ({ name, value: parsed(text) }))
    }
  }
  splitter.end()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonUnreadable('no JSON')
  }
}
