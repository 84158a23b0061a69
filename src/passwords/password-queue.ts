import type { Owner, Share } from '../shares/share.ts'
import { PasswordChecksBusy } from './errors.ts'

/**
 * What is known of who waits for a password check. `known`: this device or its network has logged in before. `account`: only the
 * account is there. `stranger`: neither. Each has places of its own to wait in, so that strangers take none from the others.
 */
export type Standing = 'known' | 'account' | 'stranger'

/** Who waits, and whose share of the places is taken meanwhile. */
export interface Waiter {
  readonly standing: Standing
  readonly owner: Owner
}

export interface PasswordQueueOptions {
  /** How many hashes may be computed at once. */
  readonly parallel: number
  /** The places to wait in, by standing. */
  readonly places: Readonly<Record<Standing, Share>>
}

const STANDINGS = ['known', 'account', 'stranger'] as const

/** Whose turn it is to have a password hashed or checked: of each standing in turn whoever has waited longest. */
export class PasswordQueue {
  readonly #parallel: number
  readonly #places: PasswordQueueOptions['places']
  readonly #waiting: Readonly<Record<Standing, Set<() => void>>> = {
    known: new Set(),
    account: new Set(),
    stranger: new Set(),
  }
  #running = 0
  /** Of which standing the last was. */
  #last = 0

  constructor({ parallel, places }: PasswordQueueOptions) {
    this.#parallel = parallel
    this.#places = places
  }

  /** Throws `PASSWORD_CHECKS_BUSY` if there is no place to wait in, or if it goes to somebody who has fewer. */
  async run<T>(waiter: Waiter, job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#parallel) this.#running++
    else await this.#wait(waiter)
    try {
      return await job()
    } finally {
      this.#next()
    }
  }

  async #wait({ standing, owner }: Waiter): Promise<void> {
    const waiting = this.#waiting[standing]
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const release = this.#places[standing].take(owner, 1, () => {
      waiting.delete(resolve)
      reject(new PasswordChecksBusy())
    })
    waiting.add(resolve)
    await promise.finally(release)
  }

  #next(): void {
    for (let step = 1; step <= STANDINGS.length; step++) {
      const standing = (this.#last + step) % STANDINGS.length
      const waiting = this.#waiting[STANDINGS[standing]!]
      const [enter] = waiting
      if (!enter) continue
      this.#last = standing
      waiting.delete(enter)
      enter()
      return
    }
    this.#running--
  }
}

/** Somebody who is logged in, or the server itself. */
export function insider(user: Owner['user']): Waiter {
  return { standing: 'known', owner: { user, token: '' } }
}
