import { readType, readUint64, viewOf } from './box.ts'
import { BoxMalformed, BoxOutOfOrder, BoxTooLarge, BoxTooSmall } from './errors.ts'
import type { Fragment } from './fragment.ts'
import { type InitSegment, readInitSegment } from './init-segment.ts'
import { readMoof } from './moof.ts'
import { writeMoof } from './moof-writer.ts'

/** Where the reader's memory comes from: `take` may refuse by throwing, `give` returns what is not handed on. */
export interface Memory {
  take(bytes: number): void
  give(bytes: number): void
}

export interface ReaderLimits {
  /** The largest `ftyp` + `moov`. */
  readonly initBytes: number
  /** The largest `moof` + `mdat`. */
  readonly fragmentBytes: number
}

export interface ReaderEvents {
  /** Its bytes pass to the receiver: `bytes.length` were taken from memory and are the receiver's to give back. */
  init(init: InitSegment): void
  /** As with `init`: `moof.length + mdat.length` pass to the receiver. */
  fragment(fragment: Fragment): void
}

type Kept = 'ftyp' | 'moov' | 'moof' | 'mdat'

/**
 * Turns chunks of fragmented MP4, split anywhere, into an init segment and fragments, in O(bytes): every kept box is
 * copied once into memory of exactly its size, taken only after the claimed size was checked. What is wrong with the
 * stream is thrown as one coded error (`FMP4_…`); after that only `close` may be called.
 */
export class FragmentReader {
  readonly #limits: ReaderLimits
  readonly #memory: Memory
  readonly #events: ReaderEvents
  readonly #header = Buffer.alloc(16)
  readonly #headerView = viewOf(this.#header)
  #headerBytes = 0
  /** Bytes of the current box that are still to come; of a kept box they go into `#box`. */
  #remaining = 0
  #box: Buffer | undefined
  #type: Kept = 'ftyp'
  #filled = 0
  #ftyp: Buffer | undefined
  #moof: Buffer | undefined
  #init: InitSegment | undefined

  constructor(limits: ReaderLimits, memory: Memory, events: ReaderEvents) {
    this.#limits = limits
    this.#memory = memory
    this.#events = events
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#remaining === 0) {
        at = this.#readHeader(chunk, at)
        continue
      }
      const bytes = Math.min(this.#remaining, chunk.length - at)
      if (this.#box) {
        this.#box.set(chunk.subarray(at, at + bytes), this.#filled)
        this.#filled += bytes
      }
      at += bytes
      this.#remaining -= bytes
      if (this.#remaining === 0) this.#boxDone()
    }
  }

  /** Gives back whatever is held. */
  close(): void {
    for (const held of [this.#box, this.#ftyp, this.#moof]) if (held) this.#memory.give(held.length)
    this.#box = this.#ftyp = this.#moof = undefined
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const wanted = this.#headerBytes >= 8 && this.#headerView.getUint32(0) === 1 ? 16 : 8
    const bytes = Math.min(wanted - this.#headerBytes, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + bytes), this.#headerBytes)
    this.#headerBytes += bytes
    if (this.#headerBytes < 8) return at + bytes
    const wide = this.#headerView.getUint32(0) === 1
    if (this.#headerBytes === (wide ? 16 : 8)) this.#startBox(wide)
    return at + bytes
  }

  #startBox(wide: boolean): void {
    const view = this.#headerView
    const type = readType(view, 4)
    const headerBytes = wide ? 16 : 8
    const size = wide ? readUint64(view, 8) : view.getUint32(0)
    if (size === 0) throw new BoxMalformed(label(type), 'it has no end')
    if (size < headerBytes) throw new BoxTooSmall(label(type), size)
    if (isKept(type)) this.#keep(type, size, headerBytes)
    else if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw new BoxMalformed(label(type), 'no such box')
    this.#headerBytes = 0
    this.#remaining = size - headerBytes
    if (this.#remaining === 0) this.#boxDone()
  }

  /** Boxes are kept with 8-byte headers, whatever they came with. */
  #keep(type: Kept, size: number, headerBytes: number): void {
    const length = size - headerBytes + 8
    const limit = this.#limitFor(type)
    if (length > limit) throw new BoxTooLarge(type, size, limit)
    this.#memory.take(length)
    this.#box = Buffer.allocUnsafeSlow(length)
    this.#box.writeUInt32BE(length, 0)
    this.#box.set(this.#header.subarray(4, 8), 4)
    this.#type = type
    this.#filled = 8
  }

  #limitFor(type: Kept): number {
    switch (type) {
      case 'ftyp':
        if (this.#moof || this.#ftyp) throw new BoxOutOfOrder(type)
        return this.#limits.initBytes
      case 'moov':
        if (this.#moof || !this.#ftyp) throw new BoxOutOfOrder(type)
        return this.#limits.initBytes - this.#ftyp.length
      case 'moof':
        if (!this.#init || this.#moof) throw new BoxOutOfOrder(type)
        return this.#limits.fragmentBytes
      case 'mdat':
        if (!this.#moof) throw new BoxOutOfOrder(type)
        return this.#limits.fragmentBytes - this.#moof.length
    }
  }

  #boxDone(): void {
    const box = this.#box
    if (!box) return
    this.#box = undefined
    switch (this.#type) {
      case 'ftyp':
        this.#ftyp = box
        break
      case 'moov':
        this.#finishInit(box)
        break
      case 'moof':
        this.#moof = box
        break
      case 'mdat':
        this.#finishFragment(box)
    }
  }

  #finishInit(moov: Buffer): void {
    const ftyp = this.#ftyp!
    this.#ftyp = undefined
    const bytes = Buffer.concat([ftyp, moov])
    try {
      this.#init = readInitSegment(bytes)
    } catch (error) {
      this.#memory.give(bytes.length)
      throw error
    }
    this.#events.init(this.#init)
  }

  #finishFragment(mdat: Buffer): void {
    const moof = this.#moof!
    this.#moof = undefined
    let fragment: Fragment
    try {
      fragment = this.#assemble(moof, mdat)
    } catch (error) {
      this.#memory.give(moof.length + mdat.length)
      throw error
    }
    this.#events.fragment(fragment)
  }

  #assemble(moof: Buffer, mdat: Buffer): Fragment {
    const { track, decodeTime, duration, sync, samples, tfdtOffset, canonical } = readMoof(
      moof,
      this.#init!.tracks,
    )
    let bytes = 8
    for (const sample of samples) bytes += sample.size
    if (bytes > mdat.length) throw new BoxMalformed('trun', 'its samples do not fit into mdat')
    if (canonical) return { track, decodeTime, duration, sync, samples, moof, mdat, tfdtOffset }
    const rewritten = writeMoof({ sequence: 0, trackId: track.id, decodeTime, samples })
    this.#memory.take(rewritten.bytes.length)
    this.#memory.give(moof.length)
    return {
      track,
      decodeTime,
      duration,
      sync,
      samples,
      moof: rewritten.bytes,
      mdat,
      tfdtOffset: rewritten.tfdtOffset,
    }
  }
}

function isKept(type: string): type is Kept {
  return type === 'mdat' || type === 'moof' || type === 'moov' || type === 'ftyp'
}

function label(type: string): string {
  return type.replace(/[^\x20-\x7e]/g, '?')
}
