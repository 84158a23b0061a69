import type { FanOut } from './fan-out.ts'
import type { Joined } from './joined.ts'
import type { Joiner } from './joiner.ts'
import { type Seated, Seats } from './seats.ts'
import type { EndCause } from './sink.ts'

/** A viewer as its cohort sees it. */
export interface Member extends Seated {
  /** Where it has got to, by track index. */
  readonly ends: readonly number[]
  /** It is not in the cohort any more: it goes on at packet `next`, the tracks having got to `ends` in hub time. */
  fallOut(next: number, ends: readonly number[]): void
  /** The same for one whose connection has taken no more than `taken` bytes of what was sent last. */
  sendRest(joined: Joined, taken: number): void
  end(cause: EndCause): void
}

/** A turn of the event loop is given up after so long, in milliseconds: a keyframe for hundreds takes several. */
const TURN_MS = 2
/** So much is sent before the clock is looked at. */
const BYTES_AT_ONCE = 512 * 1024

/**
 * Viewers of one transport who are in step: equally far, live, with nothing that waits and no message half sent. What has come is
 * sent to all of them in few calls that touch none of their objects: where they are is where the cohort is. Who does not
 * take all of it falls out, and so does whoever needs anything else.
 */
export class Cohort {
  readonly seats: Seats<Member>
  readonly isWebSocket: boolean
  readonly #fanOut: FanOut
  readonly #joiner: Joiner
  readonly #trackCount: number
  /** What is being sent has been sent to the seats before this one. */
  #served = 0
  /** The next packet, and the one after what is being sent. */
  #next = 0
  #nextThen = 0
  /** Where each track has got to, in hub time, and where with what is being sent. */
  #ends: number[]
  #endsThen: number[]
  readonly #taken = new Int32Array(1)
  /** All before this packet is to be sent. */
  #end = 0
  readonly #settle: () => void
  readonly #done: () => void
  #nextTurn: NodeJS.Immediate | undefined
  #turnMs = TURN_MS

  /**
   * `settle` is called before anybody comes or goes: whatever is sent without the cohort's knowledge has been told when it returns. `done` is called when all
   * is sent, where that is in a later turn of the event loop than `send`.
   */
  constructor(fanOut: FanOut, joiner: Joiner, trackCount: number, settle: () => void, done: () => void) {
    this.seats = new Seats(trackCount)
    this.isWebSocket = joiner.framing.name === 'websocket'
    this.#fanOut = fanOut
    this.#settle = settle
    this.#done = done
    this.#joiner = joiner
    this.#trackCount = trackCount
    this.#ends = new Array<number>(trackCount)
    this.#endsThen = new Array<number>(trackCount)
  }

  /** The oldest packet that is still to be sent, by sequence number; infinite where nobody is. */
  get cursor(): number {
    return this.seats.count > 0 ? this.#next : Number.POSITIVE_INFINITY
  }

  /**
   * Takes in one for whom packet `next` comes next, before which the tracks have got to `ends` in hub time. False where the
   * others are somewhere else, or where it has got to what lies ahead.
   */
  add(member: Member, next: number, ends: readonly number[]): boolean {
    this.#settle()
    const { seats } = this
    if (seats.count > 0 && (this.#next !== next || this.#served > 0)) return false
    for (let track = 0; track < this.#trackCount; track++)
      if (member.ends[track]! > ends[track]! - member.shifts[track]!) return false
    if (seats.count === 0) this.#goTo(next, ends)
    seats.add(member)
    return true
  }

  remove(member: Member): void {
    this.#settle()
    if (this.seats.has(member)) this.#fallOut(member.seat)
  }

  /**
   * Sends all before packet `end`: for a while in this turn of the event loop, the rest in those after it, which are longer when
   * more is to be sent by then. Everybody falls out for whom there is no room to join it, or a block to be filled up.
   */
  send(end: number): void {
    this.#end = end
    if (this.#nextTurn) this.#turnMs *= 2
    else this.#goOn()
  }

  /** It may be sent to by somebody else: it has all before packet `due`, and is not being sent anything. */
  isAt(due: number): boolean {
    return this.seats.count > 0 && this.#next === due && this.#served === 0 && !this.#nextTurn
  }

  /** Everybody has been sent by somebody else what comes before packet `next`, up to where the tracks have got to `ends`. */
  relayed(next: number, ends: readonly number[]): void {
    this.#goTo(next, ends)
  }

  /** So many bytes of it, without transport headers, at once, and all of them taken; `at` by `performance.now()`. */
  relayedWhole({ bytes, at }: { bytes: number; at: number }): void {
    this.seats.fills.sent(0, this.seats.count, bytes, at)
  }

  /** One member took only so many bytes of the last of it, which begins at packet `from`. */
  relayedInPart(member: Member, from: number, taken: number): void {
    if (!this.seats.has(member)) return
    const before = member.shifts.map(() => Number.NEGATIVE_INFINITY)
    const joined = this.#joiner.from(from, this.#next, member.shifts, before)
    this.#fallOut(member.seat)
    if (joined?.next === this.#next) member.sendRest(joined, taken)
    else member.end('evicted')
  }

  /** Lets everybody go. */
  end(cause: EndCause): void {
    while (this.seats.count > 0) {
      const member = this.seats.at(this.seats.count - 1)
      this.#fallOut(member.seat)
      member.end(cause)
    }
  }

  /** Sends now what was left for later turns, however long that takes. */
  finish(): void {
    if (this.#nextTurn) this.#sendUntil(Number.POSITIVE_INFINITY)
  }

  #goTo(next: number, ends: readonly number[]): void {
    this.#next = next
    for (let track = 0; track < this.#trackCount; track++) this.#ends[track] = ends[track]!
  }

  /** False if the turn is over before everything is sent. */
  #goOn(): boolean {
    if (!this.#sendUntil(performance.now() + this.#turnMs)) {
      this.#nextTurn = setImmediate(() => {
        this.#nextTurn = undefined
        if (this.#goOn()) this.#done()
      })
      return false
    }
    this.#turnMs = TURN_MS
    this.#fillBlocks()
    return true
  }

  /** False if the time is over before everything is sent. */
  #sendUntil(until: number): boolean {
    while (this.seats.count > 0 && this.#next < this.#end) if (!this.#sendNext(until)) return false
    return true
  }

  /** Nothing is sent any more. */
  close(): void {
    clearImmediate(this.#nextTurn)
  }

  /** Sends what one stretch holds. False if the time is over before everybody has it. */
  #sendNext(until: number): boolean {
    let joined = this.#joined()
    if (joined && this.#served === 0) {
      this.#nextThen = joined.next
      for (let track = 0; track < this.#trackCount; track++)
        this.#endsThen[track] = joined.endOf(track, this.#ends[track]!)
    }
    while (joined && this.#served < this.seats.count) {
      this.#sendToSome(joined)
      if (this.#served < this.seats.count) {
        if (performance.now() >= until) return false
        joined = this.#joined()
      }
    }
    while (this.#served < this.seats.count) this.#fallOut(this.seats.count - 1)
    const ends = this.#ends
    this.#ends = this.#endsThen
    this.#endsThen = ends
    this.#next = this.#nextThen
    this.#served = 0
    return true
  }

  /** What is to be sent next, or is being sent. */
  #joined(): Joined | undefined {
    return this.#joiner.unstamped(this.#next, this.#served > 0 ? this.#nextThen : this.#end)
  }

  /** To one at least, and to none for whom the bytes cannot be used any more. */
  #sendToSome(joined: Joined): void {
    const { seats } = this
    const atOnce = Math.ceil(BYTES_AT_ONCE / joined.length)
    let end = Math.min(this.#served + atOnce, seats.count)
    while (this.#served < end) {
      const { bytes, payload, stamps, from: first, next } = joined
      const from = this.#served
      this.#served = this.#fanOut.send(
        bytes,
        payload,
        stamps,
        next - first,
        seats.outlets,
        seats.shifts,
        from,
        end,
        this.#taken,
      )
      seats.fills.sent(from, this.#served, joined.length, performance.now())
      if (this.#served === end) break
      const member = seats.at(this.#served)
      joined.stamped(member.shifts)
      this.#served++
      this.#fallOut(member.seat)
      member.sendRest(joined, this.#taken[0]!)
      end = Math.min(end, joined.taken ? seats.endOfRun(member.shifts, this.#served) : seats.count)
    }
    if (!joined.taken) joined.stamped(undefined)
  }

  #fillBlocks(): void {
    const now = performance.now()
    const { count, fills } = this.seats
    let seat = fills.lastDue(count, now)
    for (; seat >= 0; seat = fills.lastDue(seat, now)) this.#fallOut(seat)
  }

  /** Its seat is given to another: of those who have what is being sent, to the last who has it. */
  #fallOut(seat: number): void {
    const { seats } = this
    const member = seats.at(seat)
    const isServed = seat < this.#served
    seats.fills.takeOut(seat, member.blocks)
    if (isServed) seats.move(--this.#served, seat)
    seats.move(seats.count - 1, isServed ? this.#served : seat)
    seats.pop()
    if (isServed) member.fallOut(this.#nextThen, this.#endsThen)
    else member.fallOut(this.#next, this.#ends)
  }
}
