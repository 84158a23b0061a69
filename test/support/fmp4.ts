import { initSegment } from '../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../demo/fmp4/muxer.ts'
import { type SyntheticOptions, synthetic } from '../../demo/footage/synthetic.ts'
import type { Fragment } from '../../src/fmp4/fragments/fragment.ts'
import { FragmentReader } from '../../src/fmp4/fragments/reader.ts'
import type { InitSegment } from '../../src/fmp4/init/init-segment.ts'
import { CountedMemory } from './memory.ts'

export const LIMITS = { initBytes: 64 * 1024, fragmentBytes: 256 * 1024 }

/** What go2rtc would send of such a camera: an init segment and so many fragments. */
export function footage(options: SyntheticOptions, fragments: number): Buffer[] {
  const { tracks, samples } = synthetic(options)
  const muxer = new Muxer(tracks)
  const boxes = [initSegment(tracks)]
  const source = samples()
  while (boxes.length <= fragments) {
    const sample = source.next().value
    boxes.push(muxer.fragment(sample.track, sample))
  }
  return boxes
}

export interface Read {
  readonly inits: InitSegment[]
  readonly fragments: Fragment[]
  readonly memory: CountedMemory
  readonly reader: FragmentReader
}

/** Reads the chunks with a reader of its own. */
export function read(chunks: Iterable<Uint8Array>, limits = LIMITS): Read {
  const memory = new CountedMemory()
  const inits: InitSegment[] = []
  const fragments: Fragment[] = []
  const reader = new FragmentReader(limits, memory, {
    init: init => inits.push(init),
    fragment: fragment => fragments.push(fragment),
  })
  for (const chunk of chunks) reader.push(chunk)
  return { inits, fragments, memory, reader }
}

/** A box with any size field, true or not. */
export function box(type: string, body: Uint8Array = Buffer.alloc(0), size = body.length + 8): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(size, 0)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

/** A box with a 64-bit size field. */
export function wideBox(type: string, body: Uint8Array, size: bigint = BigInt(body.length + 16)): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32BE(1, 0)
  header.write(type, 4, 'latin1')
  header.writeBigUInt64BE(size, 8)
  return Buffer.concat([header, body])
}
