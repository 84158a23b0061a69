import bcrypt from 'bcrypt'
import { PasswordChecksBusy } from './errors.ts'

export interface PasswordsOptions {
  /** The cost of new hashes: 2^rounds. */
  readonly rounds: number
  /** How many hashes may be computed at once; each takes a core for about a quarter of a second at cost 12. */
  readonly parallel: number
  /** How many more may wait; beyond that `PASSWORD_CHECKS_BUSY`, at once. */
  readonly waiting: number
}

/** The longest password that bcrypt tells from others, in bytes of UTF-8; the rest it ignores. */
export const MAX_PASSWORD_BYTES = 72

/** bcrypt on libuv's pool, a few jobs at a time: a flood of logins must not take the cores from live video. */
export class Passwords {
  readonly #options: PasswordsOptions
  readonly #queue: (() => void)[] = []
  readonly #decoy: Promise<string>
  #running = 0

  constructor(options: PasswordsOptions) {
    this.#options = options
    this.#decoy = bcrypt.hash('nobody', options.rounds)
  }

  async hash(password: string): Promise<string> {
    return this.#run(() => bcrypt.hash(password, this.#options.rounds))
  }

  /**
   * A wrong password costs the same when there is no hash to compare with, or one that was made at a lower cost, so
   * that unknown users cannot be told apart.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const against = hash ?? (await this.#decoy)
    return this.#run(async () => {
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

  async #run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.parallel) this.#running++
    else {
      if (this.#queue.length >= this.#options.waiting) throw new PasswordChecksBusy()
      await new Promise<void>(resolve => this.#queue.push(resolve))
    }
    try {
      return await job()
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }
}
