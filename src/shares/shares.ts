import { Share, type ShareOptions } from './share.ts'

/** What users share, by name: every bound that one of them alone could use up. */
export class Shares {
  readonly #byName = new Map<string, Share>()

  /** Throws an `Error` where the name is taken: two bounds under one name would be told as one. */
  define(name: string, options: ShareOptions): Share {
    if (this.#byName.has(name)) throw new Error(`There is a share of ${name} already`)
    const share = new Share(options)
    this.#byName.set(name, share)
    return share
  }

  entries(): Iterable<[name: string, share: Share]> {
    return this.#byName.entries()
  }
}
