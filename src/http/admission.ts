import { FairShare } from './fair-share.ts'

/** A reply below this size is counted as a request alone. */
const SMALL_BYTES = 4096

/** Bounds the requests that are being answered, by count and by what their headers and replies hold, with a fair share for each address. */
export class Admission {
  readonly #requests: FairShare
  readonly #bytes: FairShare
  #refused = 0

  constructor(limits: { readonly requests: number; readonly bytes: number }) {
    this.#requests = new FairShare(limits.requests)
    this.#bytes = new FairShare(limits.bytes)
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

  /** A place for a request with headers of so many bytes; `undefined` if the server or the address has no more. */
  enter(address: string, bytes: number): Place | undefined {
    if (!this.#requests.take(address)) {
      this.#refused++
      return undefined
    }
    const place = new Place(
      more => this.#hold(address, more),
      held => {
        this.#requests.give(address)
        this.#bytes.give(address, held)
      },
    )
    if (place.hold(bytes)) return place
    place.leave()
    return undefined
  }

  #hold(address: string, bytes: number): boolean {
    if (this.#bytes.take(address, bytes)) return true
    this.#refused++
    return false
  }
}

/** That of one request which is being answered. */
export class Place {
  readonly #take: (bytes: number) => boolean
  readonly #give: (held: number) => void
  #held = 0
  #left = false

  constructor(take: (bytes: number) => boolean, give: (held: number) => void) {
    this.#take = take
    this.#give = give
  }

  /** Counts a body that is about to be sent. `false`: there is no room for it now. */
  holdReply(bytes: number): boolean {
    return this.#left || bytes < SMALL_BYTES || this.hold(bytes)
  }

  hold(bytes: number): boolean {
    if (!this.#take(bytes)) return false
    this.#held += bytes
    return true
  }

  /** The request is over, or what it holds is bounded elsewhere. To call it again has no effect. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#give(this.#held)
  }
}
