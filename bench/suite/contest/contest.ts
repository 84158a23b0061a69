import { digits, figure, print } from '../page/figure.ts'
import type { Table } from '../page/print.ts'
import type { Target } from '../page/verdict.ts'
import { type FanOutCost, type FanOutLoad, fanOutCosts, type Looks } from './fan-out.ts'

export interface Entry extends FanOutLoad {
  /** Who serves, and how. */
  readonly name: string
  /** What is asked of each: one line of the tables. */
  readonly task: string
}

/** What each who took part in a task came to, by task and name. */
export type ContestRound = Readonly<Record<string, Readonly<Record<string, FanOutCost>>>>

/** What a viewer is sent is at least this many Mbit/s: nobody is cheaper for leaving something out. */
const LEAST_MEGABITS = 3.6

/** Several who do the same tasks, at once or in turns, so that what slows the machine down slows all of them down. */
export class Contest {
  readonly rounds: Record<string, Record<string, FanOutCost>>[] = []
  readonly #looks: Looks

  /** Each look is a round. */
  constructor(looks: Looks) {
    this.#looks = looks
    for (let round = 0; round < looks.times; round++) this.rounds.push({})
  }

  /** All of these at once. Throws when somebody is not served, or not everything. */
  async measure(entries: readonly Entry[]): Promise<void> {
    const looks = await fanOutCosts(entries, this.#looks)
    for (const [round, costs] of looks.entries())
      for (const [index, { name, task }] of entries.entries()) this.#take(round, task, name, costs[index]!)
  }

  #take(round: number, task: string, name: string, cost: FanOutCost): void {
    if (cost.megabitsPerViewer < LEAST_MEGABITS)
      throw new Error(`${task}: ${name} sent ${digits(cost.megabitsPerViewer)} Mbit/s to each`)
    const tasks = this.rounds[round]!
    tasks[task] = { ...tasks[task], [name]: cost }
  }
}

type Pick = (cost: FanOutCost) => number
const alone: Pick = cost => cost.secondsPerGb
/** With the upstream behind it. */
export const together: Pick = cost => cost.withUpstream

/** The target that `name` costs at most so many times what `to` costs. */
export function atMost(
  limit: number,
  name: string,
  to: string,
  task: string,
  pick = alone,
): Target<ContestRound> {
  return {
    what: `${task}: ${name}, to ${to}`,
    is: 'at most',
    limit,
    unit: '×',
    of: round => {
      const [ours, theirs] = [round[task]?.[name], round[task]?.[to]]
      return ours && theirs && pick(ours) / pick(theirs)
    },
  }
}

export function costTable(title: string, rounds: readonly ContestRound[], pick = alone): Table {
  return table(title, rounds, costs => print(figure(costs.map(pick))))
}

/** That nobody but the one who serves is at work. */
export function shareTable(rounds: readonly ContestRound[]): Table {
  const parts = ['server', 'upstream', 'drain'] as const
  const shares = (costs: readonly FanOutCost[]) =>
    parts.map(part => digits(figure(costs.map(({ cpu }) => cpu[part])).median)).join(' / ')
  return {
    ...table('Shares of a core: serving process / upstream / reader', rounds, shares),
    note: 'The reader throws away in the kernel what it gets. As long as it and the upstream stay well under one core, they are not what is measured.',
  }
}

/** A line for each task, a column for each who took part in any. */
function table(
  title: string,
  rounds: readonly ContestRound[],
  cell: (costs: readonly FanOutCost[]) => string,
): Table {
  const tasks = Object.entries(rounds[0] ?? {})
  const names = [...new Set(tasks.flatMap(([, costs]) => Object.keys(costs)))]
  const shown = (task: string, name: string) => {
    const costs = rounds.flatMap(round => round[task]?.[name] ?? [])
    return costs.length > 0 ? cell(costs) : '–'
  }
  return {
    title,
    columns: ['', ...names],
    rows: tasks.map(([task]) => [task, ...names.map(name => shown(task, name))]),
  }
}
