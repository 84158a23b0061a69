import { fourcc, readType, viewOf } from '../../fmp4/boxes/box.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { InitSegment, Track } from '../../fmp4/init/init-segment.ts'

/** The sample entry of an `stsd` comes after two headers and a count. */
const ENTRY_TYPE = 8 + 8 + 4

/** Apple's players want HEVC called `hvc1`; its parameter sets are in the entry either way. */
function nameAsApple(bytes: Uint8Array, stsd: number): void {
  const view = viewOf(bytes)
  if (readType(view, stsd + ENTRY_TYPE) === 'hev1') view.setUint32(stsd + ENTRY_TYPE, fourcc('hvc1'))
}

/** An init segment as playlists name it (`EXT-X-MAP`): a copy that lives as long as a segment needs it. */
export class MediaMap {
  /** Counts the init segments of a stream. */
  readonly number: number
  readonly bytes: Uint8Array
  readonly tracks: readonly Track[]
  readonly #memory: Memory
  #holders = 1

  constructor(number: number, init: InitSegment, memory: Memory) {
    memory.take(init.bytes.length)
    this.number = number
    this.bytes = Uint8Array.from(init.bytes)
    this.tracks = init.tracks
    for (const { stsd } of init.tracks) nameAsApple(this.bytes, stsd.byteOffset - init.bytes.byteOffset)
    this.#memory = memory
  }

  hold(): void {
    this.#holders++
  }

  drop(): void {
    if (--this.#holders === 0) this.#memory.give(this.bytes.length)
  }
}
