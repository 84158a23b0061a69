import type { Owner, Share } from '../shares/share.ts'

/** A reply below this size is counted as a request alone. */
const SMALL_BYTES = 4096

/** Bounds the requests that are being answered, by count and by what their headers and replies hold. */
export class Admission {
  readonly #requests: Share
  readonly #bytes: Share
  #refused = 0

  constructor(shares: { readonly requests: Share; readonly bytes: Share }) {
    this.#requests = shares.requests
    this.#bytes = shares.bytes
  }

  get requests(): number {
    return this.#requests.used
  }

  get bytes(): number {
    return this.#bytes.used
  }

  /** Requests for which there was no room since the start. */
  get refused(): number {
    return this.#refused
  }

  /** A place for a request with headers of so many bytes. Throws the refusal of a share where its owner has no more. */
  enter(owner: Owner, bytes: number): Place {
    const place = new Place((of, amount) => this.#counted(() => this.#bytes.take(of, amount)))
    place.releaseWith(this.#counted(() => this.#requests.take(owner)))
    try {
      place.hold(owner, bytes)
      return place
    } catch (error) {
      place.leave()
      throw error
    }
  }

  #counted<T>(take: () => T): T {
    try {
      return take()
    } catch (error) {
      this.#refused++
      throw error
    }
  }
}

/** That of one request which is being answered. */
export class Place {
  readonly #take: (owner: Owner, bytes: number) => () => void
  readonly #releases: (() => void)[] = []
  #left = false

  constructor(take: (owner: Owner, bytes: number) => () => void) {
    this.#take = take
  }

  /** Counts a body that is about to be sent. Throws where there is no room for it now. */
  holdReply(owner: Owner, bytes: number): void {
    if (!this.#left && bytes >= SMALL_BYTES) this.hold(owner, bytes)
  }

  hold(owner: Owner, bytes: number): void {
    this.#releases.push(this.#take(owner, bytes))
  }

  releaseWith(release: () => void): void {
    this.#releases.push(release)
  }

  /** The request is over, or what it holds is bounded elsewhere. To call it again has no effect. */
  leave(): void {
    this.#left = true
    for (const release of this.#releases.splice(0)) release()
  }
}
