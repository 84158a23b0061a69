import { freeBuffer } from '../../memory/free-buffer.ts'
import { fourcc, readType, readUint64, viewOf } from '../boxes/box.ts'
import { BoxMalformed, BoxOutOfOrder, BoxTooLarge, BoxTooSmall } from '../errors.ts'
import { type InitSegment, readInitSegment } from '../init/init-segment.ts'
import type { Fragment } from './fragment.ts'
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

const FTYP = fourcc('ftyp')
const MOOV = fourcc('moov')
const MOOF = fourcc('moof')
const MDAT = fourcc('mdat')

/**
 * Turns chunks of fragmented MP4, split anywhere, into an init segment and fragments, in O(bytes): every fragment is
 * copied once into memory of exactly its size, taken only after the claimed sizes were checked. What is wrong with the
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
  #type = FTYP
  #filled = 0
  #ftyp: Buffer | undefined
  #moof: Buffer | undefined
  #init: InitSegment | undefined
  #closed = false

  constructor(limits: ReaderLimits, memory: Memory, events: ReaderEvents) {
    this.#limits = limits
    this.#memory = memory
    this.#events = events
  }

  /** Nothing has begun that is not complete. */
  get atBoundary(): boolean {
    return this.#remaining === 0 && this.#headerBytes === 0 && this.#moof === undefined
  }

  push(chunk: Uint8Array): void {
    let at = 0
    // Whoever is told of something may close it.
    while (at < chunk.length && !this.#closed) {
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
    this.#closed = true
    const moofInBox = this.#box && this.#type === MDAT
    for (const held of [this.#box, this.#ftyp, moofInBox ? undefined : this.#moof])
      if (held) this.#memory.give(held.length)
    this.#box = this.#ftyp = this.#moof = undefined
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const wanted = this.#headerBytes >= 8 && this.#headerView.getUint32(0) === 1 ? 16 : 8
    const end = Math.min(at + wanted - this.#headerBytes, chunk.length)
    for (let from = at; from < end; from++) this.#header[this.#headerBytes++] = chunk[from]!
    if (this.#headerBytes < 8) return end
    const wide = this.#headerView.getUint32(0) === 1
    if (this.#headerBytes === (wide ? 16 : 8)) this.#startBox(wide)
    return end
  }

  #startBox(wide: boolean): void {
    const view = this.#headerView
    const type = view.getUint32(4)
    const headerBytes = wide ? 16 : 8
    const size = wide ? readUint64(view, 8) : view.getUint32(0)
    if (size === 0) throw new BoxMalformed(this.#label, 'it has no end')
    if (size < headerBytes) throw new BoxTooSmall(this.#label, size)
    if (isKept(type)) this.#keep(type, size, headerBytes)
    else if (!/^[\x20-\x7e\xa9]{4}$/.test(readType(view, 4)))
      throw new BoxMalformed(this.#label, 'no such box')
    this.#headerBytes = 0
    this.#remaining = size - headerBytes
    if (this.#remaining === 0) this.#boxDone()
  }

  /** Of the box whose header has come, as error messages name it. */
  get #label(): string {
    return readType(this.#headerView, 4).replace(/[^\x20-\x7e]/g, '?')
  }

  /** Boxes are kept with 8-byte headers, whatever they came with; an `mdat` in one piece with its `moof`. */
  #keep(type: number, size: number, headerBytes: number): void {
    const length = size - headerBytes + 8
    const limit = this.#limitFor(type)
    if (length > limit) throw new BoxTooLarge(this.#label, size, limit)
    this.#memory.take(length)
    const before = type === MDAT ? this.#moof! : undefined
    const start = before?.length ?? 0
    const box = type === MOOF ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(start + length)
    if (before) box.set(before)
    const header = viewOf(box)
    header.setUint32(start, length)
    header.setUint32(start + 4, type)
    this.#box = box
    this.#type = type
    this.#filled = start + 8
  }

  #limitFor(type: number): number {
    const { initBytes, fragmentBytes } = this.#limits
    const ftyp = this.#ftyp?.length
    const moof = this.#moof?.length
    if (type === MOOF && this.#init && moof === undefined) return fragmentBytes
    if (type === MDAT && moof !== undefined) return fragmentBytes - moof
    if (type === FTYP && moof === undefined && ftyp === undefined) return initBytes
    if (type === MOOV && moof === undefined && ftyp !== undefined) return initBytes - ftyp
    throw new BoxOutOfOrder(this.#label)
  }

  #boxDone(): void {
    const box = this.#box
    if (!box) return
    this.#box = undefined
    if (this.#type === MDAT) this.#finishFragment(box)
    else if (this.#type === MOOF) this.#moof = box
    else if (this.#type === FTYP) this.#ftyp = box
    else this.#finishInit(box)
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

  #finishFragment(whole: Buffer): void {
    const moofBytes = this.#moof!.length
    this.#moof = undefined
    let fragment: Fragment
    try {
      fragment = this.#assemble(whole.subarray(0, moofBytes), whole.subarray(moofBytes))
    } catch (error) {
      this.#memory.give(whole.length)
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
    const { length } = rewritten.bytes
    this.#memory.take(length)
    this.#memory.give(moof.length)
    const whole = Buffer.allocUnsafeSlow(length + mdat.length)
    whole.set(rewritten.bytes)
    whole.set(mdat, length)
    freeBuffer(mdat, moof.length + mdat.length)
    return {
      track,
      decodeTime,
      duration,
      sync,
      samples,
      moof: whole.subarray(0, length),
      mdat: whole.subarray(length),
      tfdtOffset: rewritten.tfdtOffset,
    }
  }
}

function isKept(type: number): boolean {
  return type === MDAT || type === MOOF || type === MOOV || type === FTYP
}
