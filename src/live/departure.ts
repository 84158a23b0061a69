/** Sound waits for a picture to travel with for at most so long, in milliseconds. */
const SOUND_WAITS_MS = 10

/**
 * Says when what has come is to be sent: a picture at once, sound together with the picture that is due within a few
 * milliseconds, and at once where none is. A viewer then has one write for both, and no sound waits in vain.
 */
export class Departure {
  readonly #send: () => void
  readonly #timer: NodeJS.Timeout
  #has: 'nothing' | 'sound' | 'sound that waits' | 'pictures' = 'nothing'
  /** When the next picture is expected, by `performance.now()`. */
  #due = 0

  constructor(send: () => void) {
    this.#send = send
    this.#timer = setTimeout(() => this.#sendNow(), SOUND_WAITS_MS).unref()
  }

  /** A picture has come that is shown for so many milliseconds. */
  picture(milliseconds: number): void {
    this.#has = 'pictures'
    this.#due = performance.now() + milliseconds
  }

  sound(): void {
    if (this.#has === 'nothing') this.#has = 'sound'
  }

  /** Nothing more has come for the moment. */
  pause(): void {
    if (this.#has === 'sound' && Math.abs(this.#due - performance.now()) <= SOUND_WAITS_MS) {
      this.#has = 'sound that waits'
      this.#timer.refresh()
    }
    if (this.#has !== 'sound that waits') this.#sendNow()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #sendNow(): void {
    if (this.#has === 'nothing') return
    this.#has = 'nothing'
    this.#send()
  }
}
