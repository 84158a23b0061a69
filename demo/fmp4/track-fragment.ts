import { type Box, child } from './boxes.ts'

/** What a `traf` says of one of its samples, times in ticks of the track. */
export interface SampleHeader {
  readonly trackId: number
  readonly decodeTime: number
  readonly duration: number
  readonly sync: boolean
  /** From the start of the `moof` to the data. */
  readonly offset: number
  readonly size: number
}

const TFHD_DURATION = 0x8
const TFHD_SIZE = 0x10
const TFHD_FLAGS = 0x20
const TRUN_FIRST_FLAGS = 0x4
const TRUN_DURATION = 0x100
const TRUN_SIZE = 0x200
const TRUN_FLAGS = 0x400
const TRUN_COMPOSITION = 0x800
const NON_SYNC = 0x10000

/** The samples of a `traf` with one `trun` and offsets that count from the `moof` (ISO/IEC 14496-12 §8.8). */
export function sampleHeaders(traf: Box): SampleHeader[] {
  const header = new Words(child(traf, 'tfhd').content)
  const headerFlags = header.next() & 0xffffff
  const trackId = header.next()
  const defaultDuration = headerFlags & TFHD_DURATION ? header.next() : 0
  const defaultSize = headerFlags & TFHD_SIZE ? header.next() : 0
  const defaultFlags = headerFlags & TFHD_FLAGS ? header.next() : 0
  let decodeTime = Number(child(traf, 'tfdt').content.readBigUInt64BE(4))

  const run = new Words(child(traf, 'trun').content)
  const runFlags = run.next() & 0xffffff
  const count = run.next()
  let offset = run.next()
  const firstFlags = runFlags & TRUN_FIRST_FLAGS ? run.next() : undefined
  return Array.from({ length: count }, (_, index) => {
    const duration = runFlags & TRUN_DURATION ? run.next() : defaultDuration
    const size = runFlags & TRUN_SIZE ? run.next() : defaultSize
    const own = runFlags & TRUN_FLAGS ? run.next() : defaultFlags
    if (runFlags & TRUN_COMPOSITION) run.next()
    const flags = index === 0 ? (firstFlags ?? own) : own
    const sample = { trackId, decodeTime, duration, sync: (flags & NON_SYNC) === 0, offset, size }
    decodeTime += duration
    offset += size
    return sample
  })
}

/** 32-bit words, one after another. */
class Words {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  next(): number {
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }
}
