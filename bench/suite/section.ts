import type { Figure } from './figure.ts'

/** What is promised, and what was measured of it. */
export interface Target {
  readonly what: string
  readonly figure: Figure
  readonly is: 'at most' | 'at least'
  readonly limit: number
  readonly unit: string
}

/** Whether the middle of the rounds keeps the promise. */
export function met({ figure, is, limit }: Target): boolean {
  return is === 'at most' ? figure.median <= limit : figure.median >= limit
}

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly note?: string
}

export interface Plot {
  /** The name of its file, without `.svg`. */
  readonly name: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  /** Steps of x are factors, as 1, 10, 100. */
  readonly logarithmic?: boolean
}

export interface Results {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  readonly plots: readonly Plot[]
  /** What the tables were made of. */
  readonly raw: unknown
}

export interface Section {
  readonly title: string
  /** `--quick` goes without it. */
  readonly slow?: boolean
  /** `holdSeconds` is how long a state is held whose peak is asked for. */
  run(quick: boolean, holdSeconds?: number): Promise<Results>
}
