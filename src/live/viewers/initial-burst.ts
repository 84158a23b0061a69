import { CatchUp, type Outgoing } from '../timeline/catch-up.ts'
import type { Framing } from '../timeline/framing.ts'

/**
 * The first message of a viewer, the init segment and the kept GOP, in as many writes as it takes. Nothing that is a message of its
 * own may come between them.
 */
export class InitialBurst {
  /** Packets before this one belong to it. They do not count as backlog. */
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
  init(bytes: Uint8Array): Outgoing | undefined {
    if (this.#initSent) return undefined
    this.#initSent = true
    const write = new CatchUp()
    write.push(bytes)
    return this.#framed(write, true, true)
  }

  /** The next write of the burst: `media`, behind the init segment if that has not been sent. */
  piece(init: Uint8Array, media: CatchUp, last: boolean): CatchUp {
    const first = this.#state === 'to begin'
    if (!this.#initSent) media.unshift(init)
    this.#initSent = true
    this.#state = last ? 'none' : 'begun'
    return this.#framed(media, first, last)
  }

  /** Runs `task` when no message is half sent: now, or when the last piece has been written. */
  betweenMessages(task: () => void): void {
    if (this.#state === 'begun') this.#after.push(task)
    else task()
  }

  /** A piece has been written. */
  written(): void {
    if (!this.underWay) for (const task of this.#after.splice(0)) task()
  }

  /** Tasks that wait never run. */
  close(): void {
    this.#after.length = 0
  }

  #framed(write: CatchUp, first: boolean, last: boolean): CatchUp {
    const header = this.#framing.piece(write.bytes, first, last)
    if (header) write.unshift(header)
    return write
  }
}
