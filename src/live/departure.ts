/** Sound waits for a picture that is due within so many milliseconds, or overdue by as much. */
const WAITS_MS = 12
/** Where so many watch, a write less for each of them is worth more: then sound waits for the next picture of 25 a second. */
const CROWD = 500
const WAITS_IN_A_CROWD_MS = 40

/**
 * Says when what has come is to be sent: a picture at once, sound together with the picture that is due soon, and at once
 * where none is. A viewer then has one write for both, and no sound waits in vain. Sound whose picture does not come goes with
 * what comes after that: no timer runs for it, as a player cannot go on without the picture anyway.
 */
export class Departure {
  readonly #send: () => void
  readonly #clock: () => number
  #has: 'nothing' | 'sound' | 'pictures' = 'nothing'
  /** When the next picture is expected, by the clock. */
  #due = 0

  /** `clock` tells milliseconds. */
  constructor(send: () => void, clock = () => performance.now()) {
    this.#send = send
    this.#clock = clock
  }

  /** A picture has come that is shown for so many milliseconds. */
  picture(milliseconds: number): void {
    this.#has = 'pictures'
    this.#due = this.#clock() + milliseconds
  }

  sound(): void {
    if (this.#has === 'nothing') this.#has = 'sound'
  }

  /** Nothing more has come for the moment, and so many are to be sent what has. */
  pause(viewers: number): void {
    if (this.#has === 'sound' && Math.abs(this.#due - this.#clock()) <= longestWait(viewers)) return
    this.leave()
  }

  /** Sends what there is. */
  leave(): void {
    if (this.#has === 'nothing') return
    this.#has = 'nothing'
    this.#send()
  }
}

function longestWait(viewers: number): number {
  return viewers < CROWD ? WAITS_MS : WAITS_IN_A_CROWD_MS
}
