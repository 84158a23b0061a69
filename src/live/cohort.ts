import type { BlockFill } from './block-fill.ts'
import { BlockFills } from './block-fills.ts'
import type { FanOut } from './fan-out.ts'
import type { Joined } from './joined.ts'
import type { Joiner } from './joiner.ts'

/** A viewer as its cohort sees it. */
export interface Member {
  /** Where the fan-out reaches it; -1 where it cannot. */
  readonly outlet: number
  /** What it lies behind hub time, and where it has got to, by track index. */
  readonly shifts: readonly number[]
  readonly ends: readonly number[]
  /** Of a plain `<video>`. */
  readonly blocks: BlockFill | undefined
  /** Its place in the cohort. */
  seat: number
  /** It is not in the cohort any more: it goes on at packet `next`, the tracks having got to `ends` in hub time. */
  fallOut(next: number, ends: readonly number[]): void
  /** The same for one whose connection has taken no more than `taken` bytes of what was sent last. */
  sendRest(joined: Joined, taken: number): void
}

const FIRST_SEATS = 16
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
  readonly #fanOut: FanOut
  readonly #joiner: Joiner
  readonly #trackCount: number
  readonly #members: Member[] = []
  /** By seat. */
  #outlets = new Int32Array(FIRST_SEATS)
  readonly #fills = new BlockFills(FIRST_SEATS)
  /** By seat and track. */
  #shifts: Float64Array
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
  readonly #done: () => void
  #nextTurn: NodeJS.Immediate | undefined
  #turnMs = TURN_MS

  /** `done` is called when all is sent, where that is in a later turn of the event loop than `send`. */
  constructor(fanOut: FanOut, joiner: Joiner, trackCount: number, done: () => void) {
    this.#fanOut = fanOut
    this.#done = done
    this.#joiner = joiner
    this.#trackCount = trackCount
    this.#shifts = new Float64Array(FIRST_SEATS * trackCount)
    this.#ends = new Array<number>(trackCount)
    this.#endsThen = new Array<number>(trackCount)
  }

  /** The oldest packet that is still to be sent, by sequence number; infinite where nobody is. */
  get cursor(): number {
    return this.#members.length > 0 ? this.#next : Number.POSITIVE_INFINITY
  }

  /**
   * Takes in one for whom packet `next` comes next, before which the tracks have got to `ends` in hub time. False where the
   * others are somewhere else, or where it has got to what lies ahead.
   */
  add(member: Member, next: number, ends: readonly number[]): boolean {
    const seat = this.#members.length
    if (seat > 0 && (this.#next !== next || this.#served > 0)) return false
    for (let track = 0; track < this.#trackCount; track++)
      if (member.ends[track]! > ends[track]! - member.shifts[track]!) return false
    if (seat === 0) {
      this.#next = next
      for (let track = 0; track < this.#trackCount; track++) this.#ends[track] = ends[track]!
    }
    if (seat === this.#outlets.length) this.#grow()
    this.#members.push(member)
    this.#outlets[seat] = member.outlet
    this.#shifts.set(member.shifts, seat * this.#trackCount)
    this.#fills.put(seat, member.blocks)
    member.seat = seat
    return true
  }

  remove(member: Member): void {
    this.#fallOut(member.seat)
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

  /** Sends now what was left for later turns, however long that takes. */
  finish(): void {
    if (this.#nextTurn) this.#sendUntil(Number.POSITIVE_INFINITY)
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
    while (this.#members.length > 0 && this.#next < this.#end) if (!this.#sendNext(until)) return false
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
    while (joined && this.#served < this.#members.length) {
      this.#sendToSome(joined)
      if (this.#served < this.#members.length) {
        if (performance.now() >= until) return false
        joined = this.#joined()
      }
    }
    while (this.#served < this.#members.length) this.#fallOut(this.#members.length - 1)
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
    const atOnce = Math.ceil(BYTES_AT_ONCE / joined.length)
    let end = Math.min(this.#served + atOnce, this.#members.length)
    while (this.#served < end) {
      const { bytes, payload, stamps, from: first, next } = joined
      const from = this.#served
      this.#served = this.#fanOut.send(
        bytes,
        payload,
        stamps,
        next - first,
        this.#outlets,
        this.#shifts,
        from,
        end,
        this.#taken,
      )
      this.#fills.sent(from, this.#served, joined.length)
      if (this.#served === end) break
      const member = this.#members[this.#served]!
      joined.stamped(member.shifts)
      this.#served++
      this.#fallOut(member.seat)
      member.sendRest(joined, this.#taken[0]!)
      end = Math.min(end, joined.taken ? this.#endOfRun(member.shifts, this.#served) : this.#members.length)
    }
    if (!joined.taken) joined.stamped(undefined)
  }

  /** The first seat from `seat` on with other shifts. */
  #endOfRun(shifts: readonly number[], seat: number): number {
    const from = seat * this.#trackCount
    const end = this.#members.length * this.#trackCount
    let at = from
    while (at < end && this.#shifts[at] === shifts[(at - from) % this.#trackCount]) at++
    return Math.floor(at / this.#trackCount)
  }

  #fillBlocks(): void {
    const now = performance.now()
    let seat = this.#fills.lastDue(this.#members.length, now)
    for (; seat >= 0; seat = this.#fills.lastDue(seat, now)) this.#fallOut(seat)
  }

  /** Its seat is given to another: of those who have what is being sent, to the last who has it. */
  #fallOut(seat: number): void {
    const member = this.#members[seat]!
    const isServed = seat < this.#served
    this.#fills.takeOut(seat, member.blocks)
    if (isServed) this.#move(--this.#served, seat)
    this.#move(this.#members.length - 1, isServed ? this.#served : seat)
    this.#members.pop()
    if (isServed) member.fallOut(this.#nextThen, this.#endsThen)
    else member.fallOut(this.#next, this.#ends)
  }

  #move(from: number, to: number): void {
    if (from === to) return
    const member = this.#members[from]!
    this.#members[to] = member
    member.seat = to
    this.#outlets[to] = this.#outlets[from]!
    this.#shifts.copyWithin(to * this.#trackCount, from * this.#trackCount, (from + 1) * this.#trackCount)
    this.#fills.move(from, to)
  }

  #grow(): void {
    const seats = 2 * this.#outlets.length
    const [outlets, shifts] = [this.#outlets, this.#shifts]
    this.#outlets = new Int32Array(seats)
    this.#outlets.set(outlets)
    this.#shifts = new Float64Array(seats * this.#trackCount)
    this.#shifts.set(shifts)
    this.#fills.grow(seats)
  }
}
