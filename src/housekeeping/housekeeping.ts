import type { Every } from '../ledger/timers.ts'

/** One thing to tidy; it does a bounded piece of it and leaves the rest for the next round. */
export type Chore = () => void | Promise<void>

/** Does the chores one after another, again and again, never two rounds at once; a failed chore keeps no other. */
export class Housekeeping {
  readonly #chores: Readonly<Record<string, Chore>>
  readonly #onFailure: (chore: string, error: unknown) => void
  #stopTimer: (() => void) | undefined
  #round: Promise<void> | undefined
  #stopped = false

  constructor(chores: Readonly<Record<string, Chore>>, onFailure: (chore: string, error: unknown) => void) {
    this.#chores = chores
    this.#onFailure = onFailure
  }

  start(everyMs: number, every: Every): void {
    this.#stopTimer ??= every(everyMs, () => this.run())
  }

  /** One round; whoever asks while one is under way gets that one. */
  run(): Promise<void> {
    this.#round ??= this.#doAll().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** No new round begins; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopTimer?.()
    await this.#round
  }

  async #doAll(): Promise<void> {
    for (const [name, chore] of Object.entries(this.#chores)) {
      if (this.#stopped) return
      try {
        await chore()
      } catch (error) {
        this.#onFailure(name, error)
      }
    }
  }
}
