/** memory/: what is held of a stream, the byte limits on it, and what is given up where they are reached. */
import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import { lasting } from '../../fmp4/fragments/lasting.ts'
import { silentFragment } from '../../fmp4/fragments/silence.ts'
import { withParameterSetsOf } from '../../fmp4/init/avc-parameter-sets.ts'
import { type InitSegment, mimeType, sameTracks, type Track } from '../../fmp4/init/init-segment.ts'
import { Continuity, primaryTrack, type Silence } from '../camera/continuity.ts'
import { BudgetExhausted } from '../errors.ts'
import type { Scratch } from '../timeline/shared-writes.ts'
import { Timelines } from '../timeline/timelines.ts'
import type { ByteBudget } from './budget.ts'
import { Gop } from './gop.ts'
import { Packet, Ring } from './ring.ts'

/** A camera that changes its parameter sets more often after it has begun is taken as it is. */
const MOST_CORRECTIONS = 3

/** What is held of one stream: its init segment, the kept GOP, and what a viewer still needs. All of it is taken from `budget`. */
export class StreamMemory {
  readonly ring = new Ring()
  readonly gop = new Gop()
  readonly budget: ByteBudget
  /** Bytes of all packets so far. */
  received = 0
  /** Bytes of the largest packet since the camera began. */
  largest = 0
  readonly #scratch: Scratch
  /** What upstream said, and what players are told, which may have other parameter sets. */
  #announced: InitSegment | undefined
  #init: InitSegment | undefined
  #corrections = 0
  #continuity: Continuity | undefined
  #timelines: Timelines | undefined
  #sequence = 0

  constructor(budget: ByteBudget, scratch: Scratch) {
    this.budget = budget
    this.#scratch = scratch
  }

  get init(): InitSegment | undefined {
    return this.#init
  }

  /** Only once there is an init segment, like everything that follows. */
  get tracks(): readonly Track[] {
    return this.#init!.tracks
  }

  /** The track that governs GOPs and time. */
  get primary(): Track {
    return primaryTrack(this.#init!)
  }

  /** The MIME type with codecs. */
  get mimeType(): string {
    return mimeType(this.#init!)
  }

  get timelines(): Timelines {
    return this.#timelines!
  }

  /** The decode time at which a track goes on, in units of its timescale. */
  endOf(track: Track): number {
    return this.#continuity!.endOf(track)
  }

  /** How many seconds tracks have got apart that both come. */
  apart(now: number): number {
    return this.#continuity?.apart(now) ?? 0
  }

  /** What is held can go on with the tracks of this init segment of upstream. */
  isOf(init: InitSegment): boolean {
    return this.#announced !== undefined && sameTracks(this.#announced, init)
  }

  /**
   * The camera begins, or begins anew. `init.bytes` have been taken from the budget. What was there before is dropped if the tracks are
   * others.
   */
  begin(init: InitSegment): void {
    if (this.isOf(init)) this.budget.give(init.bytes.length)
    else {
      this.clear()
      this.#announced = init
      this.#corrections = 0
      this.#use(init)
    }
    this.#continuity!.restart()
  }

  /** The init segment that a keyframe is encoded with, where it is another than that which there is; its bytes are taken from the budget. */
  correctedBy(keyframe: Fragment): InitSegment | undefined {
    if (this.#corrections === MOST_CORRECTIONS) return undefined
    const corrected = withParameterSetsOf(keyframe, this.#init!)
    if (corrected) this.budget.take(corrected.bytes.length)
    return corrected
  }

  /** Goes over to a corrected init segment. What was there before is dropped. */
  correct(init: InitSegment): void {
    this.#corrections++
    this.#drop()
    this.#use(init)
  }

  #use(init: InitSegment): void {
    this.#init = init
    this.largest = 0
    this.#continuity = new Continuity(init)
    this.#timelines = new Timelines(this.ring, init, this.budget, this.#scratch)
  }

  /**
   * Takes in a fragment that has arrived `now`, in milliseconds of a steady clock. Gives its packet, behind those of
   * silence that belong before it; none if the fragment has no place in the stream, whose bytes are given back then.
   */
  append(fragment: Fragment, now: number): Packet[] {
    const placement = this.#continuity!.place(fragment, now)
    if (!placement) {
      this.budget.give(fragment.moof.length + fragment.mdat.length)
      return []
    }
    const { decodeTime, duration, silences } = placement
    const whole = duration === fragment.duration ? fragment : this.#lasting(fragment, duration)
    return [...silences.flatMap(silence => this.#silence(silence)), this.#take(whole, decodeTime)]
  }

  /** None if there is no memory for it. */
  #silence({ track, frame, decodeTime, count }: Silence): Packet[] {
    const fragment = silentFragment(track, frame, decodeTime, count)
    try {
      this.budget.take(fragment.moof.length + fragment.mdat.length)
    } catch (error) {
      if (error instanceof BudgetExhausted) return []
      throw error
    }
    return [this.#take(fragment, decodeTime)]
  }

  #lasting(fragment: Fragment, duration: number): Fragment {
    const whole = lasting(fragment, duration)
    try {
      this.budget.take(whole.moof.length)
    } catch (error) {
      this.budget.give(fragment.moof.length + fragment.mdat.length)
      throw error
    }
    this.budget.give(fragment.moof.length)
    return whole
  }

  #take(fragment: Fragment, decodeTime: number): Packet {
    const { track, sync } = fragment
    const startsGop =
      sync &&
      track.index === this.primary.index &&
      this.gop.begins(track.kind === 'video', decodeTime, track.timescale)
    const place = { sequence: this.#sequence++, decodeTime, position: this.received, startsGop }
    const packet = new Packet(fragment, place, this.budget)
    this.received += packet.bytes
    this.largest = Math.max(this.largest, packet.bytes)
    this.ring.append(packet)
    if (startsGop) {
      this.timelines.closeNewest()
      this.gop.begin(packet)
    } else this.gop.extend()
    return packet
  }

  /** Gives up the kept GOP; `tooLarge` says that there is no room for it. */
  dropGop(tooLarge: boolean): void {
    this.gop.giveUp(tooLarge)
    this.#timelines?.closeNewest()
  }

  /** Drops what neither the kept GOP nor a viewer at packet `cursor` needs. */
  trim(cursor: number): void {
    this.ring.trim(Math.min(this.gop.start?.sequence ?? this.#sequence, cursor))
  }

  /** Drops everything. */
  clear(): void {
    this.#drop()
    if (this.#announced) this.budget.give(this.#announced.bytes.length)
    this.#announced = undefined
  }

  /** Drops everything but what upstream said. */
  #drop(): void {
    this.#timelines?.close()
    this.#timelines = undefined
    this.gop.clear()
    this.ring.clear()
    if (this.#init && this.#init !== this.#announced) this.budget.give(this.#init.bytes.length)
    this.#init = undefined
  }
}
