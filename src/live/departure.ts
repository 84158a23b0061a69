/** Sound waits for a picture that is due within so many milliseconds, or overdue by as much. */
const WAITS_MS = 12
/** Where so many watch, a write less for each of them is worth more: then sound waits for the next picture of 25 a second. */
const CROWD = 200
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
  /** When the next sound is, and how long it lasts, in milliseconds. */
  #soundDue = 0
  #soundMs = 0
  /** Nobody may have woken up for sound when it came. */
  #slept = false

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

  /** Sound has come that lasts so many milliseconds. */
  sound(milliseconds: number): void {
    if (this.#has === 'nothing') this.#has = 'sound'
    const now = this.#clock()
    const came = this.#slept ? Math.min(this.#soundDue, now) : now
    this.#soundDue = came + milliseconds
    this.#soundMs = milliseconds
  }

  /** Nothing more has come for the moment, and so many are to be sent what has. */
  pause(viewers: number): void {
    if (this.#has === 'sound' && Math.abs(this.#due - this.#clock()) <= longestWait(viewers)) return
    this.leave()
  }

  /** After a pause: how many packets of sound are expected next that will wait for the picture behind them. */
  waiting(viewers: number): number {
    const wait = this.#due - this.#soundDue
    const waits = wait >= 0 && wait <= longestWait(viewers) && this.#clock() <= this.#soundDue
    this.#slept = waits
    return waits && this.#soundMs > 0 ? Math.floor(wait / this.#soundMs) + 1 : 0
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
