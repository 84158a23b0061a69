import type { BlockFill } from './block-fill.ts'
import { BlockFills } from './block-fills.ts'

/** What a seat knows of who sits there. */
export interface Seated {
  /** Where the fan-out reaches it. */
  readonly outlet: number
  /** What it lies behind hub time, by track index. */
  readonly shifts: readonly number[]
  /** Of a plain `<video>`. */
  readonly blocks: BlockFill | undefined
  seat: number
}

const FIRST_SEATS = 16

/** Viewers side by side, as numbers that one call goes over, without gaps. */
export class Seats<T extends Seated> {
  readonly #all: T[] = []
  readonly #trackCount: number
  readonly fills = new BlockFills(FIRST_SEATS)
  /** By seat. */
  outlets = new Int32Array(FIRST_SEATS)
  /** By seat and track. */
  shifts: Float64Array

  constructor(trackCount: number) {
    this.#trackCount = trackCount
    this.shifts = new Float64Array(FIRST_SEATS * trackCount)
  }

  get count(): number {
    return this.#all.length
  }

  at(seat: number): T {
    return this.#all[seat]!
  }

  has(one: T): boolean {
    return this.#all[one.seat] === one
  }

  add(one: T): void {
    const seat = this.#all.length
    if (seat === this.outlets.length) this.#grow()
    this.#all.push(one)
    this.outlets[seat] = one.outlet
    this.shifts.set(one.shifts, seat * this.#trackCount)
    this.fills.put(seat, one.blocks)
    one.seat = seat
  }

  /** Whoever sits at `from` sits at `to`, whose seat is its own no more. */
  move(from: number, to: number): void {
    if (from === to) return
    const one = this.#all[from]!
    this.#all[to] = one
    one.seat = to
    this.outlets[to] = this.outlets[from]!
    this.shifts.copyWithin(to * this.#trackCount, from * this.#trackCount, (from + 1) * this.#trackCount)
    this.fills.move(from, to)
  }

  /** The last seat is given up. */
  pop(): void {
    this.#all.pop()
  }

  /** The first seat from `seat` on with other shifts. */
  endOfRun(shifts: readonly number[], seat: number): number {
    const from = seat * this.#trackCount
    const end = this.#all.length * this.#trackCount
    let at = from
    while (at < end && this.shifts[at] === shifts[(at - from) % this.#trackCount]) at++
    return Math.floor(at / this.#trackCount)
  }

  #grow(): void {
    const seats = 2 * this.outlets.length
    const [outlets, shifts] = [this.outlets, this.shifts]
    this.outlets = new Int32Array(seats)
    this.outlets.set(outlets)
    this.shifts = new Float64Array(seats * this.#trackCount)
    this.shifts.set(shifts)
    this.fills.grow(seats)
  }
}
