import { type Every, every } from '../../ledger/timers.ts'

/** A camera that nobody watches live is read about this often, in milliseconds. */
const UNWATCHED_MS = 100
/** Sending goes on in the next turn of the event loop after so many milliseconds, so that requests are answered in between. */
const SLICE_MS = 4

/** A camera and its viewers, as the beat needs them. */
export interface BeatMember {
  /** A viewer or a player with low latency waits for each picture. */
  readonly watched: boolean
  /** Starts to read what the camera has sent. */
  read(): void
  /** To be called after each poll of the event loop: true once everything that had come has been read. */
  readAll(): boolean
  /** Sends what is new. */
  flush(): void
}

/** What the beat takes from the event loop; a test brings its own. */
export interface BeatClock {
  /** Runs a function at a fixed interval. */
  readonly every: Every
  /** Runs a function once, after the next poll for input. */
  readonly afterPoll: (run: () => void) => void
  /** Milliseconds. */
  readonly now: () => number
}

const EVENT_LOOP: BeatClock = { every, afterPoll: setImmediate, now: () => performance.now() }

/**
 * The clock of all cameras. On each beat every watched camera is read until there is no more, and what is new is sent to its
 * viewers; then reading is paused until the next beat. Unwatched cameras take part in fewer beats. It runs only while it has
 * members.
 */
export class Beat {
  readonly #ms: number
  readonly #clock: BeatClock
  /** Beats that an unwatched member takes to its next reading. */
  readonly #unwatchedBeats: number
  /** With the number of beats since each was read. */
  readonly #members = new Map<BeatMember, number>()
  readonly #reading = new Set<BeatMember>()
  #stop: (() => void) | undefined
  #scheduled = false

  /** `ms` is the time between two beats. */
  constructor(ms: number, clock: BeatClock = EVENT_LOOP) {
    this.#ms = ms
    this.#clock = clock
    this.#unwatchedBeats = Math.max(1, Math.round(UNWATCHED_MS / ms))
  }

  add(member: BeatMember): void {
    this.#members.set(member, 0)
    this.#stop ??= this.#clock.every(this.#ms, () => this.#beat())
  }

  delete(member: BeatMember): void {
    this.#members.delete(member)
    this.#reading.delete(member)
    if (this.#members.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  /** Reads a member without waiting for the next beat. */
  readNow(member: BeatMember): void {
    if (!this.#members.has(member) || this.#reading.has(member)) return
    this.#members.set(member, 0)
    this.#reading.add(member)
    member.read()
    this.#schedule()
  }

  #beat(): void {
    for (const [member, beats] of this.#members)
      if (member.watched || beats + 1 >= this.#unwatchedBeats) this.readNow(member)
      else this.#members.set(member, beats + 1)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#clock.afterPoll(() => this.#flush())
  }

  /** Members are served in turn: one that has more to read goes behind the others. */
  #flush(): void {
    this.#scheduled = false
    const until = this.#clock.now() + SLICE_MS
    for (const member of [...this.#reading]) {
      if (!this.#reading.delete(member)) continue
      if (!member.readAll()) this.#reading.add(member)
      member.flush()
      if (this.#clock.now() >= until) break
    }
    if (this.#reading.size > 0) this.#schedule()
  }
}
