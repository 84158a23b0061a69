import { type FanOutCost, type FanOutLoad, fanOutCosts, type Looks } from './fan-out.ts'
import { digits, type Figure, figure, print } from './figure.ts'
import type { Table, Target } from './section.ts'

export interface Entry extends FanOutLoad {
  /** Who serves, and how. */
  readonly name: string
  /** What is asked of each: one line of the tables. */
  readonly task: string
}

export interface Measurement extends FanOutCost {
  readonly name: string
  readonly task: string
}

/** Several who do the same tasks, at once or in turns, so that what slows the machine down slows all of them down. */
export class Contest {
  readonly measurements: Measurement[] = []

  /** All of these at once; each look counts as a round. */
  async measure(entries: readonly Entry[], looks: Looks): Promise<void> {
    for (const costs of await fanOutCosts(entries, looks))
      for (const [index, { name, task }] of entries.entries())
        this.measurements.push({ name, task, ...costs[index]! })
  }

  get names(): string[] {
    return [...new Set(this.measurements.map(({ name }) => name))]
  }

  get tasks(): string[] {
    return [...new Set(this.measurements.map(({ task }) => task))]
  }

  /** One value a round; none if it did not take part. */
  of(name: string, task: string, pick: (one: FanOutCost) => number = one => one.secondsPerGb): number[] {
    return this.measurements.filter(one => one.name === name && one.task === task).map(pick)
  }

  /** Round by round. */
  ratio(name: string, to: string, task: string, pick?: (one: FanOutCost) => number): Figure | undefined {
    const theirs = this.of(to, task, pick)
    const ours = this.of(name, task, pick).slice(0, theirs.length)
    return ours.length > 0 ? figure(ours.map((cost, round) => cost / theirs[round]!)) : undefined
  }

  /** The target that `name` costs at most so much of what `to` costs; none where either did not take part. */
  atMost(
    limit: number,
    name: string,
    to: string,
    task: string,
    pick?: (one: FanOutCost) => number,
  ): Target[] {
    const ratio = this.ratio(name, to, task, pick)
    if (!ratio) return []
    return [{ what: `${task}: ${name}, to ${to}`, figure: ratio, is: 'at most', limit, unit: '×' }]
  }

  costs(title: string): Table {
    return this.#table(title, (name, task) => {
      const costs = this.of(name, task)
      return costs.length > 0 ? print(figure(costs)) : '–'
    })
  }

  /** That nobody but the one who serves is at work. */
  shares(): Table {
    const table = this.#table('Shares of a core: serving process / upstream / reader', (name, task) => {
      const shares = (['server', 'upstream', 'drain'] as const).map(part =>
        this.of(name, task, one => one.cpu[part]),
      )
      return shares[0]!.length > 0 ? shares.map(share => digits(figure(share).median)).join(' / ') : '–'
    })
    return {
      ...table,
      note: 'The reader throws away in the kernel what it gets. As long as it and the upstream stay well under one core, they are not what is measured.',
    }
  }

  #table(title: string, cell: (name: string, task: string) => string): Table {
    const { names, tasks } = this
    return {
      title,
      columns: ['', ...names],
      rows: tasks.map(task => [task, ...names.map(name => cell(name, task))]),
    }
  }
}
