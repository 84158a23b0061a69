import { type Figure, figure } from './figure.ts'

/** What is promised of a section's rounds. */
export interface Target<Round> {
  readonly what: string
  readonly is: 'at most' | 'at least'
  readonly limit: number
  readonly unit: string
  /** The median of the rounds is judged, or else the worst of them. */
  readonly worst?: boolean
  of(round: Round): number | undefined
}

export interface Verdict extends Omit<Target<never>, 'of'> {
  /** `undefined` where a round did not give one: no round is left out. */
  readonly figure: Figure | undefined
  readonly met: boolean
}

export function verdict<Round>({ of, ...target }: Target<Round>, rounds: readonly Round[]): Verdict {
  const values = rounds.map(of)
  if (values.length === 0 || !values.every(isMeasured)) return { ...target, figure: undefined, met: false }
  const measured = figure(values)
  const judged = judgedValue(target, measured)
  const met = target.is === 'at most' ? judged <= target.limit : judged >= target.limit
  return { ...target, figure: measured, met }
}

/** The verdict on a target whose section failed. */
export function missed({ of, ...target }: Target<never>): Verdict {
  return { ...target, figure: undefined, met: false }
}

export function judgedValue({ is, worst = false }: Pick<Target<never>, 'is' | 'worst'>, of: Figure): number {
  if (!worst) return of.median
  return is === 'at most' ? of.high : of.low
}

function isMeasured(value: number | undefined): value is number {
  return Number.isFinite(value)
}
