import type { Sample, Track } from '../footage/footage.ts'

interface Box {
  readonly type: string
  /** Where the whole box starts in the file, header included. */
  readonly start: number
  readonly content: Buffer
}

/**
 * Reads a bundled clip: a fragmented MP4 as ffmpeg writes it, of one H.264 and one AAC track. It trusts the file
 * (ours, not a camera's); what it does not know is an error.
 */
export function readClip(file: Buffer): { tracks: Track[]; samples: Sample[] } {
  const top = boxes(file, 0)
  const moov = only(top, 'moov')
  const trackBoxes = children(moov).filter(({ type }) => type === 'trak')
  const ids = trackBoxes.map(trak => child(trak, 'tkhd').content.readUInt32BE(12))
  const samples = top
    .filter(({ type }) => type === 'moof')
    .flatMap(moof =>
      children(moof)
        .filter(({ type }) => type === 'traf')
        .flatMap(traf => readTraf(file, moof.start, traf, ids)),
    )
  return { tracks: trackBoxes.map(readTrack), samples }
}

function readTrack(trak: Box): Track {
  const media = child(trak, 'mdia')
  const timescale = child(media, 'mdhd').content.readUInt32BE(12)
  const table = child(child(media, 'minf'), 'stbl')
  const entry = only(boxes(child(table, 'stsd').content.subarray(8), 0))
  if (entry.type === 'avc1') {
    return {
      kind: 'video',
      codec: 'h264',
      timescale,
      width: entry.content.readUInt16BE(24),
      height: entry.content.readUInt16BE(26),
      config: only(boxes(entry.content.subarray(78), 0), 'avcC').content,
    }
  }
  if (entry.type !== 'mp4a') throw new Error(`a clip with ${entry.type} is not supported`)
  return {
    kind: 'audio',
    codec: 'aac',
    timescale,
    channels: entry.content.readUInt16BE(16),
    config: audioSpecificConfig(only(boxes(entry.content.subarray(28), 0), 'esds').content.subarray(4)),
  }
}

/** The DecoderSpecificInfo inside ES_Descriptor and DecoderConfigDescriptor, ISO/IEC 14496-1 §7.2.6. */
function audioSpecificConfig(descriptors: Buffer): Buffer {
  let offset = 0
  while (offset < descriptors.length) {
    const tag = descriptors[offset++]
    let length = 0
    let byte: number
    do {
      byte = descriptors[offset++] ?? 0
      length = length * 128 + (byte & 0x7f)
    } while (byte & 0x80)
    if (tag === 5) return descriptors.subarray(offset, offset + length)
    offset += tag === 3 ? 3 : tag === 4 ? 13 : length
  }
  throw new Error('no AudioSpecificConfig in the clip')
}

const TFHD_DURATION = 0x8
const TFHD_SIZE = 0x10
const TFHD_FLAGS = 0x20
const TRUN_FIRST_FLAGS = 0x4
const TRUN_DURATION = 0x100
const TRUN_SIZE = 0x200
const TRUN_FLAGS = 0x400
const NON_SYNC = 0x10000

function readTraf(file: Buffer, moofStart: number, traf: Box, ids: readonly number[]): Sample[] {
  const header = new Words(child(traf, 'tfhd').content)
  const headerFlags = header.next() & 0xffffff
  const track = ids.indexOf(header.next())
  const defaultDuration = headerFlags & TFHD_DURATION ? header.next() : 0
  const defaultSize = headerFlags & TFHD_SIZE ? header.next() : 0
  const defaultFlags = headerFlags & TFHD_FLAGS ? header.next() : 0
  let timestamp = Number(child(traf, 'tfdt').content.readBigUInt64BE(4))

  const run = new Words(child(traf, 'trun').content)
  const runFlags = run.next() & 0xffffff
  const count = run.next()
  let dataStart = moofStart + run.next()
  const firstFlags = runFlags & TRUN_FIRST_FLAGS ? run.next() : undefined
  return Array.from({ length: count }, (_, index) => {
    const duration = runFlags & TRUN_DURATION ? run.next() : defaultDuration
    const size = runFlags & TRUN_SIZE ? run.next() : defaultSize
    const own = runFlags & TRUN_FLAGS ? run.next() : defaultFlags
    const flags = index === 0 ? (firstFlags ?? own) : own
    const data = file.subarray(dataStart, dataStart + size)
    const sample: Sample = { track, timestamp, sync: (flags & NON_SYNC) === 0, data }
    timestamp += duration
    dataStart += size
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

function boxes(bytes: Buffer, base: number): Box[] {
  const found: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${base + at}`)
    found.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      start: base + at,
      content: bytes.subarray(at + 8, at + size),
    })
    at += size
  }
  return found
}

const children = (parent: Box): Box[] => boxes(parent.content, parent.start + 8)
const child = (parent: Box, type: string): Box => only(children(parent), type)

function only(found: readonly Box[], type = found[0]?.type): Box {
  const match = found.find(candidate => candidate.type === type)
  if (!match) throw new Error(`no ${type ?? 'box'} in the clip`)
  return match
}
