import { CodedError } from '../../src/errors.ts'
import { FragmentReader } from '../../src/fmp4/reader.ts'
import { footage } from './fmp4.ts'
import { CountedMemory } from './memory.ts'
import { random } from './random.ts'

const LIMITS = { initBytes: 16 * 1024, fragmentBytes: 16 * 1024 }
const EVIL = [0, 1, 7, 8, 9, 15, 16, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/**
 * Feeds the reader so many broken streams. Throws at the first that makes it throw anything but a coded error, take more
 * than the limits allow, or keep what it should have given back. Returns how many ended in which code.
 */
export function mutate(cases: number, seed: number): Map<string, number> {
  const next = random(seed)
  const upTo = (n: number) => Math.floor(next() * n)
  const streams = [
    footage({ fps: 10, gop: 0.5, bitrate: 20_000 }, 8),
    footage({ video: 'h265', audio: 'none', fps: 5, gop: 1, bitrate: 10_000 }, 5),
    footage({ video: 'none', audio: 'opus' }, 6),
  ].map(boxes => Buffer.concat(boxes))
  const ends = new Map<string, number>()

  for (let i = 0; i < cases; i++) {
    const bytes = Buffer.from(streams[i % streams.length]!)
    for (let change = upTo(4); change >= 0; change--) {
      const at = upTo(bytes.length - 8)
      const kind = upTo(4)
      if (kind === 0) bytes[at] = upTo(256)
      else if (kind === 1) bytes.writeUInt32BE(EVIL[upTo(EVIL.length)]!, at)
      else if (kind === 2) bytes.copy(bytes, at, upTo(bytes.length), upTo(bytes.length))
      else bytes.copyWithin(at, at + 1 + upTo(16))
    }
    const end = run(bytes, 1 + upTo(bytes.length), `case ${i} of seed ${seed}`)
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }
  return ends
}

function run(bytes: Buffer, step: number, name: string): string {
  const memory = new CountedMemory()
  let handed = 0
  const reader = new FragmentReader(LIMITS, memory, {
    init: init => {
      handed += init.bytes.length
    },
    fragment: ({ moof, mdat }) => {
      handed += moof.length + mdat.length
      if (moof.length + mdat.length > 2 * LIMITS.fragmentBytes)
        throw new Error(`${name}: a fragment over the limit`)
    },
  })
  let end = 'read to the end'
  try {
    for (let at = 0; at < bytes.length; at += step) {
      reader.push(bytes.subarray(at, at + step))
      if (memory.used - handed > LIMITS.initBytes + LIMITS.fragmentBytes)
        throw new Error(`${name}: over-allocation`)
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw new Error(`${name}: ${error}`, { cause: error })
    end = error.code
  }
  reader.close()
  if (memory.used !== handed) throw new Error(`${name}: ${memory.used - handed} bytes were not given back`)
  return end
}
