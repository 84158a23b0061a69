import { Refreshed } from '../upstream/refreshed.ts'

export interface Reachability {
  readonly reachable: boolean
  /** What it last said its version is. */
  readonly version: string | null
}

const AGE = { freshMs: 5000, staleMs: 15_000, retryMs: 2000 }

/** Whether an upstream answers, asked for at most every few seconds however many want to know. */
export class Probe {
  readonly #version: Refreshed<string>

  constructor(askVersion: () => Promise<string>) {
    this.#version = new Refreshed(askVersion, AGE)
  }

  async get(): Promise<Reachability> {
    try {
      const { value, stale } = await this.#version.get()
      return { reachable: !stale, version: value }
    } catch {
      return { reachable: false, version: null }
    }
  }
}
