import { createHash } from 'node:crypto'
import { PlainMp4 } from '../../src/clips/plain-mp4.ts'
import { CodedError } from '../../src/errors.ts'
import { FragmentReader } from '../../src/fmp4/fragments/reader.ts'
import { box, footage } from './fmp4.ts'
import type { Chooser } from './fuzz.ts'
import { CountedMemory } from './memory.ts'

const LIMITS = { initBytes: 16 * 1024, fragmentBytes: 16 * 1024 }
const EVIL = [0, 1, 7, 8, 9, 15, 16, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** What go2rtc sends of three cameras, box by box. */
const CAMERAS = [
  footage({ fps: 10, gop: 0.5, bitrate: 20_000 }, 8),
  footage({ video: 'h265', audio: 'none', fps: 5, gop: 1, bitrate: 10_000 }, 5),
  footage({ video: 'none', audio: 'opus' }, 6),
]

/** A stream with boxes lost, doubled, moved or of another camera, and with bytes, numbers and names that are none of its own. */
export function brokenStream(choose: Chooser): Buffer {
  const boxes = [...choose.of(CAMERAS)]
  if (choose.chance(0.3)) {
    const at = choose.upTo(boxes.length)
    const kind = choose.upTo(4)
    if (kind === 0) boxes.splice(at, 1)
    else if (kind === 1) boxes.splice(at, 0, boxes[choose.upTo(boxes.length)]!)
    else if (kind === 2) boxes[at] = choose.of(choose.of(CAMERAS))
    else boxes.splice(at, 1, boxes[at]!.subarray(0, choose.upTo(boxes[at]!.length)))
  }
  const bytes = Buffer.concat([...boxes, box('mfra')])
  for (let change = choose.upTo(5); change > 0; change--) {
    const at = choose.upTo(bytes.length - 8)
    const kind = choose.upTo(6)
    if (kind === 0) bytes[at] = choose.upTo(256)
    else if (kind === 1) bytes.writeUInt32BE(choose.of(EVIL), at)
    else if (kind === 2) bytes.copy(bytes, at, choose.upTo(bytes.length), choose.upTo(bytes.length))
    else if (kind === 3) bytes.copyWithin(at, at + 1 + choose.upTo(16))
    else renumber(bytes, choose, kind === 4)
  }
  return bytes
}

const NAMES = [
  'moov',
  'trak',
  'mdia',
  'minf',
  'stbl',
  'stsd',
  'avcC',
  'hvcC',
  'esds',
  'mvex',
  'trex',
  'moof',
  'traf',
]
const MORE = [
  'tfhd',
  'tfdt',
  'trun',
  'mdat',
  'ftyp',
  'free',
  'uuid',
  'mdhd',
  'tkhd',
  'dOps',
  'avc1',
  'hvc1',
  'Opus',
]
const ALL = [...NAMES, ...MORE]

/** Changes the size in front of a box that is there, or its name. */
function renumber(bytes: Buffer, choose: Chooser, size: boolean): void {
  const at = bytes.indexOf(choose.of(ALL), choose.upTo(bytes.length), 'latin1')
  if (at < 4) return
  if (size)
    bytes.writeUInt32BE((bytes.readUInt32BE(at - 4) + choose.of([-8, -4, -1, 1, 4, 8, 4096])) >>> 0, at - 4)
  else bytes.write(choose.of(ALL), at, 'latin1')
}

/**
 * Feeds the reader a stream in pieces of `step` bytes. Throws if that throws anything but a coded error, takes more than the
 * limits allow, or keeps what it should have given back. Returns the code, or that the stream was read to its end.
 */
export function readBroken(bytes: Buffer, step: number): string {
  const memory = new CountedMemory()
  let handed = 0
  const reader = new FragmentReader(LIMITS, memory, {
    init: init => {
      handed += init.bytes.length
    },
    fragment: ({ moof, mdat }) => {
      handed += moof.length + mdat.length
      if (moof.length + mdat.length > 2 * LIMITS.fragmentBytes) throw new Error('a fragment over the limit')
    },
  })
  let end = 'read to the end'
  try {
    for (let at = 0; at < bytes.length; at += step) {
      reader.push(bytes.subarray(at, at + step))
      if (memory.used - handed > LIMITS.initBytes + LIMITS.fragmentBytes) throw new Error('over-allocation')
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    end = error.code
  }
  reader.close()
  if (memory.used !== handed) throw new Error(`${memory.used - handed} bytes were not given back`)
  return end
}

/** As long as the media of a fragment that breaks off may be: what is missing is filled. */
const MOST_FILLED = 64 * 1024 * 1024
const MOST_TABLES = 2 * 1024 * 1024

/** Turns a broken clip into a plain one. Throws if that throws, adds more than it may or depends on the pieces that it comes in. */
export function turnBroken(bytes: Buffer, step: number): string {
  const [once, pieces] = [digested(bytes, bytes.length), digested(bytes, step)]
  if (once.written > bytes.length + MOST_FILLED + MOST_TABLES) throw new Error(`${once.written} bytes`)
  if (once.hash !== pieces.hash || once.whole !== pieces.whole)
    throw new Error(`in pieces of ${step} it is another clip`)
  return once.whole ? 'whole' : 'not whole'
}

function digested(bytes: Buffer, step: number) {
  const mp4 = new PlainMp4()
  const hash = createHash('sha1')
  let written = 0
  const take = (part: Uint8Array) => {
    hash.update(part)
    written += part.length
  }
  for (let at = 0; at < bytes.length; at += step) mp4.push(bytes.subarray(at, at + step)).forEach(take)
  for (const part of mp4.finish()) take(part)
  return { hash: hash.digest('hex'), written, whole: mp4.whole }
}
