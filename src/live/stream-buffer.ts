import type { Fragment } from '../fmp4/fragment.ts'
import { type InitSegment, sameTracks, type Track } from '../fmp4/init-segment.ts'
import type { ByteBudget } from './budget.ts'
import { Continuity, primaryTrack } from './continuity.ts'
import { Gop } from './gop.ts'
import { Packet } from './packet.ts'
import { Ring } from './ring.ts'
import type { Scratch } from './scratch.ts'
import { Timelines } from './timelines.ts'

/** What is held of a stream: its init segment, the kept GOP, and what a viewer still needs, in hub time. All of it is taken from `memory`. */
export class StreamBuffer {
  readonly ring = new Ring()
  readonly gop = new Gop()
  /** Bytes of all packets so far. */
  received = 0
  readonly #memory: ByteBudget
  readonly #scratch: Scratch
  #init: InitSegment | undefined
  #continuity: Continuity | undefined
  #timelines: Timelines | undefined
  #sequence = 0

  constructor(memory: ByteBudget, scratch: Scratch) {
    this.#memory = memory
    this.#scratch = scratch
  }

  get init(): InitSegment | undefined {
    return this.#init
  }

  /** Only once there is an init segment, like what follows. */
  get tracks(): readonly Track[] {
    return this.#init!.tracks
  }

  get primary(): Track {
    return primaryTrack(this.#init!)
  }

  get continuity(): Continuity {
    return this.#continuity!
  }

  get timelines(): Timelines {
    return this.#timelines!
  }

  /** What is held cannot go on with the tracks of that. */
  isChangedBy(init: InitSegment): boolean {
    return this.#init !== undefined && !sameTracks(this.#init, init)
  }

  /** The camera begins, or begins anew; `init.bytes` have been taken from memory. */
  begin(init: InitSegment): void {
    if (this.isChangedBy(init)) {
      this.#forget()
      this.#continuity = undefined
    }
    if (this.#init) this.#memory.give(this.#init.bytes.length)
    this.#init = init
    this.#continuity ??= new Continuity(init)
    this.#timelines ??= new Timelines(this.ring, init, this.#memory, this.#scratch)
    this.#continuity.restart()
  }

  /** Undefined if it has no place, and goes. */
  append(fragment: Fragment): Packet | undefined {
    const bytes = fragment.moof.length + fragment.mdat.length
    const decodeTime = this.continuity.place(fragment)
    if (decodeTime === undefined) {
      this.#memory.give(bytes)
      return undefined
    }
    const { track, sync } = fragment
    const startsGop =
      sync &&
      track.index === this.primary.index &&
      this.gop.begins(track.kind === 'video', decodeTime, track.timescale)
    const place = { sequence: this.#sequence++, decodeTime, position: this.received, startsGop }
    const packet = new Packet(fragment, place, this.#memory)
    this.received += packet.bytes
    this.ring.append(packet)
    if (startsGop) {
      this.timelines.closeShared()
      this.gop.begin(packet)
    } else this.gop.extend()
    return packet
  }

  /** Gives up the kept GOP. */
  dropGop(): void {
    this.gop.giveUp()
    this.#timelines?.closeShared()
  }

  /** Lets go of what neither the kept GOP nor somebody at packet `cursor` needs. */
  trim(cursor: number): void {
    this.ring.trim(Math.min(this.gop.start?.sequence ?? this.#sequence, cursor))
  }

  /** Lets go of everything. */
  clear(): void {
    this.#forget()
    if (this.#init) this.#memory.give(this.#init.bytes.length)
    this.#init = undefined
  }

  /** Of everything but the init segment. */
  #forget(): void {
    this.#timelines?.closeShared()
    this.#timelines?.settle()
    this.#timelines = undefined
    this.gop.clear()
    this.ring.clear()
  }
}
