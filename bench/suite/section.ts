import type { Plot } from './page/plot.ts'
import type { Table } from './page/print.ts'
import { missed, type Target, type Verdict, verdict } from './page/verdict.ts'
import { type Competitor, type Plan, takesPart } from './plan.ts'

/** What one section measures, what is promised of it, and how it is shown. */
export interface Measurement<Round> {
  readonly title: string
  /** `--quick` goes without it. */
  readonly slow?: boolean
  /** Without this program there is nothing to measure. */
  readonly needs?: Competitor
  targets(plan: Plan): readonly Target<Round>[]
  /** As many rounds as planned. Rejects when an answer is not a 200 or a viewer is not served. */
  measure(plan: Plan): Promise<readonly Round[]>
  tables(rounds: readonly Round[]): readonly Table[]
  plots?(rounds: readonly Round[]): readonly Plot[]
}

/** What a section came to. Its targets are in it whether it failed or not. */
export interface Outcome {
  readonly title: string
  readonly verdicts: readonly Verdict[]
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
  readonly rounds: readonly unknown[]
  readonly seconds: number
  /** Why there are no figures. */
  readonly failed?: string
}

export interface Section extends Pick<Measurement<never>, 'title' | 'slow' | 'needs'> {
  run(plan: Plan): Promise<Outcome>
}

export function section<Round>(of: Measurement<Round>): Section {
  const { title, slow, needs } = of
  return {
    title,
    ...(slow ? { slow } : {}),
    ...(needs ? { needs } : {}),
    run: async plan => {
      const startedAt = performance.now()
      const results = await resultsOf(of, plan)
      return { title, ...results, seconds: (performance.now() - startedAt) / 1000 }
    },
  }
}

/** A section that fails misses all of its targets. */
async function resultsOf<Round>(
  of: Measurement<Round>,
  plan: Plan,
): Promise<Omit<Outcome, 'title' | 'seconds'>> {
  const targets = of.targets(plan)
  try {
    const rounds = await of.measure(plan)
    if (rounds.length !== plan.rounds)
      throw new Error(`${rounds.length} of ${plan.rounds} rounds were measured`)
    return {
      verdicts: targets.map(target => verdict(target, rounds)),
      tables: of.tables(rounds),
      plots: of.plots?.(rounds) ?? [],
      rounds,
    }
  } catch (error) {
    console.error(error)
    const failed = error instanceof Error ? error.message : String(error)
    return { verdicts: targets.map(missed), tables: [], plots: [], rounds: [], failed }
  }
}

/** Those of a run: the ones that are named, or all of them. Throws when there is no such section. */
export function sectionsOf(
  plan: Plan,
  sections: Readonly<Record<string, Section>>,
  named: readonly string[],
): Section[] {
  const unknown = named.filter(name => !(name in sections))
  if (unknown.length > 0)
    throw new Error(`no ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`)
  return Object.entries(sections)
    .filter(([name, { slow }]) => (named.length > 0 ? named.includes(name) : !(slow && plan.quick)))
    .map(([, one]) => one)
    .filter(({ needs }) => needs === undefined || takesPart(plan, needs))
}
