import { BoxStream, type TopBox } from '../fmp4/boxes/box-stream.ts'
import { box } from '../fmp4/boxes/box-writer.ts'
import { readInitSegment } from '../fmp4/init/init-segment.ts'
import { MovieTables } from '../fmp4/plain/movie-tables.ts'

const MIB = 1024 * 1024
/** Of `ftyp`, `moov` and each `moof`: they are read whole. */
const MAX_KEPT_BYTES = MIB
/** Of one fragment, which is what a camera sends between two keyframes. */
const MAX_MDAT_BYTES = 64 * MIB
/** Major brand and version, compatible brands (ISO/IEC 14496-12, 4.3 and annex E). */
const BRANDS = Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1')
const FILLER = Buffer.alloc(64 * 1024)

/**
 * `undecided`: nothing but `ftyp` and `moov` has been seen. `plain`: fragments are turned into a plain MP4. `as it is`:
 * this is no fragmented MP4, or none that is understood. `over`: what comes is not understood any more.
 */
type State = 'undecided' | 'plain' | 'as it is' | 'over'

/**
 * Turns a fragmented MP4 (ISO/IEC 14496-12, 8.8), as it comes in, into a plain one: the media stays in the pieces that
 * it came in, and `moov` with the tables of all samples stands behind them, so that players know how long it is and can go
 * anywhere in it. Everything else passes unchanged. Never throws, whatever comes in.
 */
export class PlainMp4 {
  readonly #boxes = new BoxStream({
    begin: box => this.#begin(box),
    data: bytes => this.#data(bytes),
    end: () => this.#end(),
    unreadable: bytes => this.#unreadable(bytes),
  })
  #state: State = 'undecided'
  #out: Uint8Array[] = []
  #outBytes = 0
  #ftyp: Buffer | undefined
  /** `ftyp`, `moov` or a `moof` as far as it has come. */
  #kept: Buffer | undefined
  #keptBytes = 0
  #tables: MovieTables | undefined
  #type = ''
  /** Where the current box lies, there and here. */
  #position = 0
  #outPosition = 0
  #media = false
  #unread = false
  #fragmented = false

  /** All of it was there, as far as can be told: ffmpeg closes a fragmented file with an index (`mfra`). */
  get whole(): boolean {
    if (!this.#boxes.atBoundary || !this.#media || this.#state === 'over') return false
    return !this.#fragmented || this.#type === 'mfra'
  }

  /** There are pictures or sound in what has come, or something that is not read here. */
  get hasMedia(): boolean {
    return this.#media || this.#unread
  }

  /** What is to be written of it, in this order. */
  push(chunk: Buffer): readonly Uint8Array[] {
    this.#out = []
    this.#boxes.push(chunk)
    return this.#out
  }

  /** What is to be written when nothing more comes. */
  *finish(): Generator<Uint8Array> {
    this.#out = []
    if (this.#state === 'undecided') this.#passOn()
    if (this.#state === 'as it is') this.#put(this.#boxes.begun)
    yield* this.#out
    if (!this.#tables) return
    const { left, position } = this.#boxes
    if (this.#state === 'plain' && this.#type === 'mdat' && left > 0) {
      this.#tables.add(position, this.#outPosition - this.#position)
      for (let missing = left; missing > 0; missing -= FILLER.length)
        yield FILLER.subarray(0, Math.min(missing, FILLER.length))
    }
    yield* this.#tables.moov()
  }

  #begin(box: TopBox): void {
    this.#type = box.type
    this.#position = box.position
    this.#outPosition = this.#outBytes
    this.#media ||= box.type === 'mdat' && box.size > box.header.length
    this.#fragmented ||= box.type === 'moof'
    if (this.#state === 'undecided') {
      const wanted = this.#ftyp ? 'moov' : 'ftyp'
      if (box.type === wanted && box.size <= MAX_KEPT_BYTES) this.#keep(box)
      else this.#passOn()
    }
    if (this.#state === 'as it is') this.#put(Buffer.from(box.header))
    if (this.#state === 'plain') this.#beginPlain(box)
  }

  /** Other boxes than these are left out. */
  #beginPlain(box: TopBox): void {
    if (box.type === 'moof') {
      if (box.size <= MAX_KEPT_BYTES) this.#keep(box)
      else this.#state = 'over'
    }
    if (box.type === 'mdat') {
      const fits = this.#tables?.expectedWithin(box.position + box.header.length, box.position + box.size)
      if (fits && box.size <= MAX_MDAT_BYTES) this.#put(Buffer.from(box.header))
      else this.#state = 'over'
    }
  }

  #data(bytes: Buffer): void {
    if (this.#kept) this.#keptBytes += bytes.copy(this.#kept, this.#keptBytes)
    else if (this.#state === 'as it is' || (this.#state === 'plain' && this.#type === 'mdat'))
      this.#put(bytes)
  }

  #end(): void {
    const kept = this.#kept
    this.#kept = undefined
    if (this.#state === 'undecided') {
      if (this.#type === 'moov' && kept) this.#decide(kept)
      else this.#ftyp = kept
    } else if (this.#state === 'plain') {
      if (this.#type === 'moof' && kept) this.#expect(kept)
      if (this.#type === 'mdat') this.#tables?.add(this.#boxes.position, this.#outPosition - this.#position)
    }
  }

  /** Only what announces fragments (`mvex`) and can be read is turned into something else. */
  #decide(moov: Buffer): void {
    const bytes = Buffer.concat([this.#ftyp ?? Buffer.alloc(0), moov])
    this.#ftyp = undefined
    try {
      this.#tables = new MovieTables(readInitSegment(bytes))
      this.#state = 'plain'
      for (const part of box('ftyp', BRANDS)) this.#put(part)
    } catch {
      this.#state = 'as it is'
      this.#put(bytes)
    }
  }

  #expect(moof: Buffer): void {
    try {
      this.#tables?.expect(moof, this.#position)
    } catch {
      this.#state = 'over'
    }
  }

  #unreadable(bytes: Buffer): void {
    this.#unread = true
    if (this.#state === 'undecided') this.#passOn()
    if (this.#state === 'as it is') this.#put(Buffer.from(bytes))
    if (this.#state === 'plain') this.#state = 'over'
  }

  /** What was kept so far, and from now on everything. */
  #passOn(): void {
    this.#state = 'as it is'
    if (this.#ftyp) this.#put(this.#ftyp)
    if (this.#kept) this.#put(this.#kept.subarray(0, this.#keptBytes))
    this.#ftyp = this.#kept = undefined
  }

  #keep({ size, header }: TopBox): void {
    this.#kept = Buffer.allocUnsafeSlow(size)
    this.#keptBytes = header.copy(this.#kept)
  }

  #put(bytes: Uint8Array): void {
    this.#out.push(bytes)
    this.#outBytes += bytes.length
  }
}
