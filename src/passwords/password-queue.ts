import { Semaphore } from '../shares/semaphore.ts'
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

/** Whose turn it is to have a password hashed or checked: of each standing in turn whoever has waited longest. */
export class PasswordQueue {
  readonly #running: Semaphore
  readonly #places: PasswordQueueOptions['places']

  constructor({ parallel, places }: PasswordQueueOptions) {
    this.#running = new Semaphore({ places: parallel })
    this.#places = places
  }

  /** Throws `PASSWORD_CHECKS_BUSY` if there is no place to wait in, or if it goes to somebody who has fewer. */
  async run<T>(waiter: Waiter, job: () => Promise<T>): Promise<T> {
    const leave = await this.#enter(waiter)
    try {
      return await job()
    } finally {
      leave()
    }
  }

  async #enter({ standing, owner }: Waiter): Promise<() => void> {
    const evicted = new AbortController()
    const release = this.#places[standing].take(owner, 1, () => evicted.abort(new PasswordChecksBusy()))
    return this.#running.enter(standing, evicted.signal).finally(release)
  }
}

/** Somebody who is logged in, or the server itself. */
export function insider(user: Owner['user']): Waiter {
  return { standing: 'known', owner: { user, token: '' } }
}
