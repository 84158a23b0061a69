import { type Box, findBox, needBody, readBox } from '../boxes/box.ts'
import { BoxMalformed } from '../errors.ts'
import { hevcProfileTierLevel } from './hevc-profile.ts'

/** What a sample entry says of itself: RFC 6381 codec string, and the picture size where there is one. */
export interface SampleEntry {
  readonly codec: string
  readonly width: number
  readonly height: number
  /** Of AAC, as its decoder is told (the sample entry's own count is often wrong); 0 where that is not known. */
  readonly channels: number
}

const VIDEO_HEADER = 78
const AUDIO_HEADER = 28

/** Reads the first sample entry of an `stsd` (ISO/IEC 14496-12, 8.5.2; 14496-15 for AVC and HEVC). */
export function readSampleEntry(view: DataView, stsd: Box): SampleEntry {
  needBody(stsd, 16)
  const entry = readBox(view, stsd.body + 8, stsd.end)
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return video(view, entry, avcCodec(view, config(view, entry, VIDEO_HEADER, 'avcC', 4), entry.type))
    case 'hvc1':
    case 'hev1':
      return video(view, entry, hevcCodec(view, config(view, entry, VIDEO_HEADER, 'hvcC', 13), entry.type))
    case 'av01':
      return video(view, entry, av1Codec(view, config(view, entry, VIDEO_HEADER, 'av1C', 3)))
    case 'mp4a':
      return mpeg4Audio(view, config(view, entry, AUDIO_HEADER, 'esds', 4))
    case 'Opus':
      return audio('opus')
    case 'fLaC':
      return audio('flac')
    case '.mp3':
      return audio('mp3')
    default:
      return audio(entry.type.replace(/[^\w.]/g, '?'))
  }
}

function audio(codec: string, channels = 0): SampleEntry {
  return { codec, width: 0, height: 0, channels }
}

function video(view: DataView, entry: Box, codec: string): SampleEntry {
  const [width, height] = [view.getUint16(entry.body + 24), view.getUint16(entry.body + 26)]
  return { codec, width, height, channels: 0 }
}

function config(view: DataView, entry: Box, header: number, type: string, bytes: number): Box {
  needBody(entry, header)
  const box = findBox(view, { body: entry.body + header, end: entry.end }, [type])
  if (!box) throw new BoxMalformed(entry.type, `${type} is missing`)
  return needBody(box, bytes)
}

function avcCodec(view: DataView, avcC: Box, type: string): string {
  return `${type}.${[1, 2, 3].map(i => hex(view.getUint8(avcC.body + i))).join('')}`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

/** ISO/IEC 14496-15, annex E.3: profile, compatibility flags in reverse bit order, tier and level, constraints. */
function hevcCodec(view: DataView, hvcC: Box, type: string): string {
  const [profile, ...rest] = hevcProfileTierLevel(view, hvcC) as [number, ...number[]]
  const space = ['', 'A', 'B', 'C'][profile >> 6]
  const flags = rest.slice(0, 4).reduce((bits, byte) => (bits << 8) | byte, 0)
  const compatibility = reverseBits(flags).toString(16)
  const tier = profile & 0x20 ? 'H' : 'L'
  const constraints = rest.slice(4, 10)
  while (constraints.length > 1 && constraints.at(-1) === 0) constraints.pop()
  const tail = constraints.map(byte => byte.toString(16).toUpperCase()).join('.')
  return `${type}.${space}${profile & 0x1f}.${compatibility}.${tier}${rest[10]}.${tail}`
}

function reverseBits(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) if (value & (1 << bit)) reversed |= 1 << (31 - bit)
  return reversed >>> 0
}

function av1Codec(view: DataView, av1C: Box): string {
  const [profileLevel, flags] = [view.getUint8(av1C.body + 1), view.getUint8(av1C.body + 2)]
  const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8
  const level = String(profileLevel & 0x1f).padStart(2, '0')
  return `av01.${profileLevel >> 5}.${level}${flags & 0x80 ? 'H' : 'M'}.${String(depth).padStart(2, '0')}`
}

/** ISO/IEC 14496-1, 7.2.6: descends ES → decoder config → decoder specific info by descriptor tag. */
function mpeg4Audio(view: DataView, esds: Box): SampleEntry {
  let at = esds.body + 4
  const descriptor = (tag: number): number => {
    if (at + 2 > esds.end || view.getUint8(at) !== tag)
      throw new BoxMalformed('esds', `descriptor ${tag} is missing`)
    at++
    let size = 0
    for (let i = 0; i < 4 && at < esds.end; i++) {
      const byte = view.getUint8(at++)
      size = (size << 7) | (byte & 0x7f)
      if (!(byte & 0x80)) break
    }
    return size
  }
  descriptor(3)
  if (at + 3 > esds.end) throw new BoxMalformed('esds', 'it ends early')
  const flags = view.getUint8(at + 2)
  at += 3 + (flags & 0x80 ? 2 : 0)
  if (flags & 0x40) throw new BoxMalformed('esds', 'it names a URL')
  if (flags & 0x20) at += 2
  descriptor(4)
  if (at + 13 > esds.end) throw new BoxMalformed('esds', 'it ends early')
  const objectType = view.getUint8(at)
  at += 13
  if (objectType !== 0x40) return audio(`mp4a.${hex(objectType).toUpperCase()}`)
  descriptor(5)
  if (at + 2 > esds.end) throw new BoxMalformed('esds', 'it ends early')
  // ISO/IEC 14496-3, 1.6.2.1: object type, 5 bits or 6 more; sampling frequency, 4 bits; channels, 4 bits.
  const first = view.getUint8(at)
  const second = view.getUint8(at + 1)
  const audioObject = first >> 3
  if (audioObject === 31) return audio(`mp4a.40.${32 + (((first & 7) << 3) | (second >> 5))}`)
  const frequency = ((first & 7) << 1) | (second >> 7)
  return audio(`mp4a.40.${audioObject}`, frequency === 15 ? 0 : (second >> 3) & 0x0f)
}
