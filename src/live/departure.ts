/** Sound waits for a picture that is due within so many milliseconds. */
const WAITS_MS = 10
/** Where so many watch, a write less for each of them is worth more: then sound waits for the next picture of 25 a second. */
const CROWD = 200
const WAITS_IN_A_CROWD_MS = 40

/**
 * Says when what has come is to be sent: a picture at once, sound together with the picture that is due soon, and at once
 * where none is. A viewer then has one write for both, and no sound waits in vain.
 */
export class Departure {
  readonly #send: () => void
  #timer: NodeJS.Timeout | undefined
  #has: 'nothing' | 'sound' | 'sound that waits' | 'pictures' = 'nothing'
  /** When the next picture is expected, by `performance.now()`. */
  #due = 0

  constructor(send: () => void) {
    this.#send = send
  }

  /** A picture has come that is shown for so many milliseconds. */
  picture(milliseconds: number): void {
    this.#has = 'pictures'
    this.#due = performance.now() + milliseconds
  }

  sound(): void {
    if (this.#has === 'nothing') this.#has = 'sound'
  }

  /** Nothing more has come for the moment, and so many are to be sent what has. */
  pause(viewers: number): void {
    const most = viewers < CROWD ? WAITS_MS : WAITS_IN_A_CROWD_MS
    if (this.#has === 'sound' && Math.abs(this.#due - performance.now()) <= most) {
      this.#has = 'sound that waits'
      this.#timer = setTimeout(() => this.#sendNow(), most).unref()
    }
    if (this.#has !== 'sound that waits') this.#sendNow()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #sendNow(): void {
    if (this.#has === 'nothing') return
    this.#has = 'nothing'
    clearTimeout(this.#timer)
    this.#send()
  }
}
