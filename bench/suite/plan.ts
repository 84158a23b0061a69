/** Programs that take part where their variable names one, and what they are called. */
export const COMPETITORS = {
  GO2RTC_BIN: 'a real go2rtc',
  MEDIAMTX_BIN: 'MediaMTX',
} as const

export type Competitor = keyof typeof COMPETITORS

/** What a run does, settled before it begins. */
export interface Plan {
  /** Of every section. */
  readonly rounds: number
  /** Less of each section, for a look at whether it works. */
  readonly quick: boolean
  readonly competitors: readonly Competitor[]
}

/** The whole run. Three players join in each of them with low latency: the twelve that the target speaks of. */
const ROUNDS = 4

export function planOf(quick: boolean, env: NodeJS.ProcessEnv): Plan {
  const names = Object.keys(COMPETITORS) as Competitor[]
  return { rounds: quick ? 1 : ROUNDS, quick, competitors: names.filter(name => env[name]) }
}

export function takesPart({ competitors }: Plan, name: Competitor): boolean {
  return competitors.includes(name)
}

/** Those that leave their rows out, by name. */
export function leftOut(plan: Plan): string[] {
  return Object.entries(COMPETITORS)
    .filter(([name]) => !takesPart(plan, name as Competitor))
    .map(([name, called]) => `${called} (\`${name}\`)`)
}
