import type { Test } from 'tap'
import { random } from './random.ts'

/** A source of choices, the same for the same seed. */
export class Chooser {
  readonly next: () => number

  constructor(seed: number) {
    this.next = random(seed)
  }

  /** A whole number from 0 up to, not including, `n`. */
  upTo(n: number): number {
    return Math.floor(this.next() * n)
  }

  of<T>(things: readonly T[]): T {
    return things[this.upTo(things.length)]!
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }
}

/** A case that did not hold, and how to run it again. */
class Found extends Error {}

export interface Fuzzing {
  /** Runs one case; says how it ended, in a few words. Throws when something did not hold. */
  readonly run: (choose: Chooser) => string | Promise<string>
  /** Of all the cases of a long run (`FUZZ_CASES`), the part that is this target's. */
  readonly part: number
}

/** In the suite each target has so long, in milliseconds; all of them stay below half a minute. */
const SHORT_MS = 3500
/** After so many cases without a pause others get their turn. */
const TURN = 500

/**
 * Runs cases for some seconds, or with `FUZZ_CASES` that many of all targets together. Each has a seed of its own: `FUZZ_SEED`
 * is that of the first, by default one of this moment; with `FUZZ_CASES=0` the case of that seed runs alone. Returns how often cases
 * ended in which way.
 */
export async function fuzz(t: Test, { run, part }: Fuzzing): Promise<Map<string, number>> {
  const long = process.env.FUZZ_CASES
  const first = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
  const cases = long === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(Number(long) * part))
  const end = long === undefined ? performance.now() + SHORT_MS : Number.POSITIVE_INFINITY
  const ends = new Map<string, number>()
  let done = 0
  for (; done < cases && performance.now() < end; done++) {
    const seed = (first + done) % 2 ** 32
    try {
      const running = run(new Chooser(seed))
      const ending = typeof running === 'string' ? running : await running
      ends.set(ending, (ends.get(ending) ?? 0) + 1)
    } catch (error) {
      throw new Found(`again with FUZZ_CASES=0 FUZZ_SEED=${seed}: ${error}`, { cause: error })
    }
    if (done % TURN === 0) await new Promise(setImmediate)
  }
  const counts = [...ends].sort((a, b) => b[1] - a[1]).map(([ending, count]) => `${ending}: ${count}`)
  t.comment(`${done} cases from seed ${first}: ${counts.join(', ')}`)
  return ends
}
