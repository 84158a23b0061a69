import { findBox, needBox, readBox, viewOf } from '../boxes/box.ts'
import { box } from '../boxes/box-writer.ts'
import { copied, rebuilt } from '../boxes/rebuilt.ts'
import type { Fragment } from '../fragments/fragment.ts'
import { readAvcSps } from './avc-sps.ts'
import { type InitSegment, readInitSegment, type Track } from './init-segment.ts'

/** NAL unit types (ITU-T H.264, table 7-1). */
const SPS = 7
const PPS = 8
const LAST_SLICE = 5
const MDAT_HEADER = 8
/** Of `stsd` and of a visual sample entry, before their children (ISO/IEC 14496-12, 8.5.2 and 12.1.3). */
const STSD_HEADER = 8
const VIDEO_HEADER = 78
const WIDTH_AT = 24
const LARGEST = 0xffff
/** An `avcC` counts sequence parameter sets in five bits. */
const MOST_SETS = 31

/**
 * The init segment with the parameter sets that a keyframe brings, where they are others than it has: they are what the keyframe was
 * encoded with. Undefined if it has none or the same ones, and for what is not H.264 with lengths of four bytes before NAL units.
 */
export function withParameterSetsOf(keyframe: Fragment, init: InitSegment): InitSegment | undefined {
  const track = init.tracks[keyframe.track.index]!
  const known = isAvc(track) ? configOf(track) : undefined
  if (!known || (known[4]! & 3) !== 3) return undefined
  const { mdat, samples } = keyframe
  const { sps, pps } = inSample(mdat.subarray(MDAT_HEADER, MDAT_HEADER + samples[0]!.size))
  const [first] = sps
  if (!first || pps.length === 0) return undefined
  const announced = inConfig(known)
  if (sps.every(one => has(announced, one)) && pps.every(one => has(announced, one))) return undefined
  const read = readAvcSps(first)
  if (!read || read.width > LARGEST || read.height > LARGEST) return undefined
  return replaced(init, track, avcConfig(read.profile, sps, pps), read)
}

function has(sets: readonly Uint8Array[], one: Uint8Array): boolean {
  return sets.some(other => Buffer.compare(other, one) === 0)
}

/** Of the body of an `avcC` (ISO/IEC 14496-15, 5.3.3.1). */
function inConfig(config: Uint8Array): Uint8Array[] {
  const view = viewOf(config)
  const sets: Uint8Array[] = []
  let at = 5
  for (const mask of [31, 255]) {
    let count = (config[at++] ?? 0) & mask
    for (; count > 0 && at + 2 <= config.length; count--) {
      const end = at + 2 + view.getUint16(at)
      sets.push(config.subarray(at + 2, end))
      at = end
    }
  }
  return sets
}

function isAvc({ codec }: Track): boolean {
  return codec.startsWith('avc1') || codec.startsWith('avc3')
}

function configOf({ stsd }: Track): Uint8Array | undefined {
  const entry = readBox(viewOf(stsd), 8 + STSD_HEADER, stsd.length)
  const avcC = findBox(viewOf(stsd), { body: entry.body + VIDEO_HEADER, end: entry.end }, ['avcC'])
  return avcC && avcC.end - avcC.body > 6 ? stsd.subarray(avcC.body, avcC.end) : undefined
}

/** Those before the first slice, each once. */
function inSample(sample: Uint8Array) {
  const view = viewOf(sample)
  const sps: Uint8Array[] = []
  const pps: Uint8Array[] = []
  for (let at = 0; at + 5 <= sample.length; ) {
    const end = at + 4 + view.getUint32(at)
    const type = sample[at + 4]! & 31
    if (end > sample.length || (type > 0 && type <= LAST_SLICE)) break
    const nal = sample.subarray(at + 4, end)
    const sets = type === SPS ? sps : type === PPS ? pps : undefined
    if (sets && nal.length <= LARGEST && sets.length < MOST_SETS && !has(sets, nal)) sets.push(nal)
    at = end
  }
  return { sps, pps }
}

/** The body of an `avcC` (ISO/IEC 14496-15, 5.3.3.1). */
function avcConfig(profile: Uint8Array, sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Buffer {
  const withLength = (nal: Uint8Array) => [Uint8Array.of(nal.length >> 8, nal.length & 255), nal]
  return Buffer.concat([
    Uint8Array.of(1, ...profile, 0xff, 0xe0 | sps.length),
    ...sps.flatMap(withLength),
    Uint8Array.of(pps.length),
    ...pps.flatMap(withLength),
  ])
}

function replaced(
  { bytes }: InitSegment,
  { index }: Track,
  config: Uint8Array,
  size: { readonly width: number; readonly height: number },
): InitSegment {
  const view = viewOf(bytes)
  const moov = needBox(view, { body: 0, end: bytes.length }, ['moov'])
  let next = 0
  const whole = rebuilt(bytes, moov, {
    trak: trak =>
      next++ !== index
        ? [copied(bytes, trak)]
        : rebuilt(bytes, trak, {
            tkhd: tkhd => [withSizeAtEnd(copied(bytes, tkhd), size)],
            mdia: mdia =>
              rebuilt(bytes, mdia, {
                minf: minf =>
                  rebuilt(bytes, minf, {
                    stbl: stbl =>
                      rebuilt(bytes, stbl, {
                        stsd: stsd => withEntry(bytes, stsd, config, size),
                      }),
                  }),
              }),
          }),
  })
  return readInitSegment(Buffer.concat([bytes.subarray(0, moov.start), ...whole, bytes.subarray(moov.end)]))
}

function withEntry(
  bytes: Uint8Array,
  stsd: ReturnType<typeof readBox>,
  config: Uint8Array,
  size: Size,
): Uint8Array[] {
  const entry = readBox(viewOf(bytes), stsd.body + STSD_HEADER, stsd.end)
  const parts = rebuilt(bytes, entry, { avcC: () => box('avcC', config) }, VIDEO_HEADER)
  const sized = Buffer.from(parts[1]!)
  sized.writeUInt16BE(size.width, WIDTH_AT)
  sized.writeUInt16BE(size.height, WIDTH_AT + 2)
  return box('stsd', bytes.subarray(stsd.body, stsd.body + STSD_HEADER), parts[0]!, sized, ...parts.slice(2))
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Width and height are the last fields of a `tkhd`, in 16.16 fixed point (ISO/IEC 14496-12, 8.3.2). */
function withSizeAtEnd(tkhd: Uint8Array, { width, height }: Size): Buffer {
  const changed = Buffer.from(tkhd)
  changed.writeUInt32BE(width * 0x1_0000, changed.length - 8)
  changed.writeUInt32BE(height * 0x1_0000, changed.length - 4)
  return changed
}
