import type { BlockFill } from './block-fill.ts'
import { BlockFills } from './block-fills.ts'
import type { FanOut } from './fan-out.ts'
import type { Joined } from './joined.ts'
import type { Joiner } from './joiner.ts'
import type { Ring } from './ring.ts'

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

/**
 * Viewers of one transport who are in step: equally far, live, with nothing that waits and no message half sent. What has come is
 * sent to all of them in one call that touches none of their objects: where they are is where the cohort is. Who does not
 * take all of it falls out, and so does whoever needs anything else.
 */
export class Cohort {
  readonly #fanOut: FanOut
  readonly #joiner: Joiner
  readonly #ring: Ring
  readonly #trackCount: number
  readonly #members: Member[] = []
  /** By seat. */
  #outlets = new Int32Array(FIRST_SEATS)
  readonly #fills = new BlockFills(FIRST_SEATS)
  /** By seat and track. */
  #shifts: Float64Array
  #next = 0
  /** Where each track has got to, in hub time, and where with what is being sent. */
  #ends: number[]
  #endsThen: number[]
  readonly #taken = new Int32Array(1)

  constructor(fanOut: FanOut, joiner: Joiner, ring: Ring, trackCount: number) {
    this.#fanOut = fanOut
    this.#joiner = joiner
    this.#ring = ring
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
   * Takes in one who has been sent all that there is, when the tracks have got to `ends` in hub time. False where the others are
   * not that far, or where it has got to what lies ahead.
   */
  add(member: Member, ends: readonly number[]): boolean {
    const seat = this.#members.length
    if (seat > 0 && this.#next !== this.#ring.next) return false
    for (let track = 0; track < this.#trackCount; track++)
      if (member.ends[track]! > ends[track]! - member.shifts[track]!) return false
    if (seat === 0) {
      this.#next = this.#ring.next
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
    this.#fallOut(member.seat, this.#next, this.#ends)
  }

  /** Sends all that has come. Everybody falls out for whom there is no room to join it, or a block to be filled up. */
  send(): void {
    let sent = 0
    while (this.#members.length > 0 && this.#next < this.#ring.next) {
      let joined = this.#joiner.unstamped(this.#next)
      const next = joined?.next ?? 0
      const bytes = joined?.bytes.length ?? 0
      for (let track = 0; track < this.#trackCount; track++)
        this.#endsThen[track] = joined?.endOf(track, this.#ends[track]!) ?? 0
      let served = 0
      while (joined && served < this.#members.length) {
        served = this.#sendJoined(joined, next, served)
        if (served < this.#members.length) joined = this.#joiner.unstamped(this.#next)
      }
      for (let seat = this.#members.length - 1; seat >= served; seat--)
        this.#fallOut(seat, this.#next, this.#ends)
      ;[this.#ends, this.#endsThen] = [this.#endsThen, this.#ends]
      this.#next = next
      sent += bytes
      this.#fills.sent(this.#members.length, bytes)
    }
    if (sent > 0) this.#fillBlocks()
  }

  /** Sends it to those from seat `from` on. Returns the first seat for which the bytes cannot be used any more. */
  #sendJoined(joined: Joined, next: number, from: number): number {
    let seat = from
    let end = this.#members.length
    while (seat < end) {
      const { bytes, stamps, from: first } = joined
      const taken = this.#taken
      seat = this.#fanOut.send(bytes, stamps, next - first, this.#outlets, this.#shifts, seat, end, taken)
      if (seat === end) break
      const member = this.#members[seat]!
      joined.stamped(member.shifts)
      this.#fallOut(seat, next, this.#endsThen)
      member.sendRest(joined, taken[0]!)
      end = this.#endOfRun(member.shifts, seat)
    }
    if (!joined.taken) joined.stamped(undefined)
    return seat
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
    for (let seat = this.#members.length - 1; seat >= 0; seat--)
      if (this.#fills.isDue(seat, now)) this.#fallOut(seat, this.#next, this.#ends)
  }

  /** Its seat is the last one's then. */
  #fallOut(seat: number, next: number, ends: readonly number[]): void {
    const member = this.#members[seat]!
    this.#fills.takeOut(seat, member.blocks)
    const last = this.#members.pop()!
    if (last !== member) {
      const from = this.#members.length
      this.#members[seat] = last
      last.seat = seat
      this.#outlets[seat] = this.#outlets[from]!
      this.#shifts.copyWithin(seat * this.#trackCount, from * this.#trackCount, (from + 1) * this.#trackCount)
      this.#fills.move(from, seat)
    }
    member.fallOut(next, ends)
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
