import type { Framing } from './framing.ts'

/**
 * The message in which a newcomer is handed the init segment and the kept GOP, in as many pieces as it takes. Nothing that is
 * a message of its own may come between them.
 */
export class Handover {
  /** Packets before this one belong to it: they are no backlog. */
  end = 0
  #state: 'none' | 'to begin' | 'begun' = 'none'
  #initSent = false
  readonly #framing: Framing
  readonly #after: (() => void)[] = []

  constructor(framing: Framing) {
    this.#framing = framing
  }

  begin(end: number): void {
    this.#state = 'to begin'
    this.end = end
  }

  /** Begun, or about to be. */
  get underWay(): boolean {
    return this.#state !== 'none'
  }

  /** The init segment as a message of its own; undefined if it has been sent. */
  init(bytes: Uint8Array): Uint8Array[] | undefined {
    if (this.#initSent) return undefined
    this.#initSent = true
    return this.#framed(bytes.length, true, true, [bytes])
  }

  /** The next piece: the init segment, if it has not been sent, and these. */
  piece(
    init: Uint8Array,
    media: readonly Uint8Array[],
    mediaBytes: number,
    last: boolean,
  ): { chunks: Uint8Array[]; bytes: number } {
    const first = this.#state === 'to begin'
    const bytes = (this.#initSent ? 0 : init.length) + mediaBytes
    const chunks = this.#framed(bytes, first, last, this.#initSent ? media : [init, ...media])
    this.#initSent = true
    this.#state = last ? 'none' : 'begun'
    return { chunks, bytes }
  }

  /** Runs `task` when no piece is to come: now, or with `finish`. */
  betweenMessages(task: () => void): void {
    if (this.#state === 'begun') this.#after.push(task)
    else task()
  }

  /** The last piece is on its way. */
  finish(): void {
    for (const task of this.#after.splice(0)) task()
  }

  /** What waits for its end never runs. */
  close(): void {
    this.#after.length = 0
  }

  #framed(bytes: number, first: boolean, last: boolean, chunks: readonly Uint8Array[]): Uint8Array[] {
    const header = this.#framing.piece(bytes, first, last)
    return header ? [header, ...chunks] : [...chunks]
  }
}
