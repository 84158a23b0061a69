import type { Probe } from './probe.ts'
import { within } from './within.ts'

export type State = 'up' | 'down' | 'absent'

const ANSWER_MS = 2000
const NO_ANSWER = { reachable: false, version: null }

/** A probe that has not answered in two seconds counts as down, `undefined` as absent. */
export async function readState(probe: Probe | undefined): Promise<State> {
  if (!probe) return 'absent'
  const { reachable } = await within(ANSWER_MS, probe.get(), NO_ANSWER)
  return reachable ? 'up' : 'down'
}
