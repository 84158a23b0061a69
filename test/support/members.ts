import type { Container } from '../../src/json/member-splitter.ts'
import { type Member, type MembersLimits, membersOf } from '../../src/json/members.ts'

/** The members of a value as they come from an upstream. */
export function membersIn(
  json: unknown,
  { container, limits }: { readonly container: Container; readonly limits: MembersLimits },
): AsyncGenerator<readonly Member[]> {
  async function* text() {
    yield Buffer.from(JSON.stringify(json))
  }
  return membersOf(text(), container, limits)
}
