import bcrypt from 'bcrypt'
import type { PasswordQueue, Waiter } from './password-queue.ts'

export interface PasswordsOptions {
  /** The cost of new hashes: 2^rounds. */
  readonly rounds: number
  /** Each hash takes a core for about a quarter of a second at cost 12. */
  readonly queue: PasswordQueue
}

/** The longest password that bcrypt tells from others, in bytes of UTF-8; the rest it ignores. */
export const MAX_PASSWORD_BYTES = 72

/** bcrypt on libuv's pool, a few jobs at a time: a flood of logins must not take the cores from live video. */
export class Passwords {
  readonly #options: PasswordsOptions
  readonly #decoy: Promise<string>

  constructor(options: PasswordsOptions) {
    this.#options = options
    this.#decoy = bcrypt.hash('nobody', options.rounds)
  }

  async hash(waiter: Waiter, password: string): Promise<string> {
    return this.#options.queue.run(waiter, () => bcrypt.hash(password, this.#options.rounds))
  }

  /**
   * A wrong password costs the same when there is no hash to compare with, or one that was made at a lower cost, so
   * that unknown users cannot be told apart.
   */
  async verify(waiter: Waiter, password: string, hash: string | undefined): Promise<boolean> {
    const against = hash ?? (await this.#decoy)
    return this.#options.queue.run(waiter, async () => {
      const same = await bcrypt.compare(password, against)
      if (same) return hash !== undefined
      // 2^n is 2^m and all powers of two from there up to 2^(n - 1).
      for (let cost = bcrypt.getRounds(against); cost < this.#options.rounds; cost++)
        await bcrypt.hash('nobody', cost)
      return false
    })
  }

  /** Whether the hash was made at another cost than today's. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) !== this.#options.rounds
  }
}
