import { type Box, children, findBox, needBody, needBox, readType, viewOf } from '../boxes/box.ts'
import { BoxMalformed, BoxMissing } from '../errors.ts'
import { readSampleEntry } from './codec.ts'

export type TrackKind = 'video' | 'audio' | 'other'

/** One track of an init segment. Times of its fragments are in units of 1/`timescale` s. */
export interface Track {
  readonly id: number
  /** Position among the tracks of its init segment. */
  readonly index: number
  readonly kind: TrackKind
  readonly timescale: number
  /** RFC 6381 codec string, e.g. `avc1.640029`. */
  readonly codec: string
  readonly width: number
  readonly height: number
  /** Of AAC; 0 where that is not known. */
  readonly channels: number
  /** The sample description box, byte for byte: equal bytes decode with the same decoder. */
  readonly stsd: Uint8Array
  readonly defaults: SampleDefaults
}

export interface SampleDefaults {
  /** Index into the sample descriptions, from 1. */
  readonly description: number
  readonly duration: number
  readonly size: number
  readonly flags: number
}

/** `ftyp` + `moov`, and what they say. */
export interface InitSegment {
  readonly bytes: Uint8Array
  readonly tracks: readonly Track[]
}

const MAX_TRACKS = 8

/** Reads `ftyp` + `moov` (ISO/IEC 14496-12); throws a coded error on anything that players could not use. */
export function readInitSegment(bytes: Uint8Array): InitSegment {
  const view = viewOf(bytes)
  const moov = needBox(view, { body: 0, end: bytes.length }, ['moov'])
  const defaults = readDefaults(view, moov)
  const tracks: Track[] = []
  for (const trak of children(view, moov.body, moov.end)) {
    if (trak.type !== 'trak') continue
    if (tracks.length === MAX_TRACKS) throw new BoxMalformed('moov', `more than ${MAX_TRACKS} tracks`)
    tracks.push(readTrack(bytes, view, trak, tracks.length, defaults))
  }
  if (tracks.length === 0) throw new BoxMissing('moov/trak')
  return { bytes, tracks }
}

/**
 * The MIME type with all codecs, as MediaSource and go2rtc write it. HEVC is called `hvc1` whatever the sample entry:
 * players ask for that, and what plays the one plays the other.
 */
export function mimeType(init: InitSegment): string {
  const codecs = init.tracks.map(track => track.codec.replace(/^hev1/, 'hvc1'))
  return `video/mp4; codecs="${codecs.join(',')}"`
}

/** True if whoever decodes `a` can go on with fragments of `b`: same tracks, timescales and sample descriptions. */
export function sameTracks(a: InitSegment, b: InitSegment): boolean {
  return (
    a.tracks.length === b.tracks.length &&
    a.tracks.every((track, i) => {
      const other = b.tracks[i]!
      return (
        track.id === other.id &&
        track.timescale === other.timescale &&
        Buffer.compare(track.stsd, other.stsd) === 0
      )
    })
  )
}

function readTrack(
  bytes: Uint8Array,
  view: DataView,
  trak: Box,
  index: number,
  all: Map<number, SampleDefaults>,
): Track {
  const tkhd = needBody(needBox(view, trak, ['tkhd']), 24)
  const id = view.getUint32(tkhd.body + (view.getUint8(tkhd.body) === 1 ? 20 : 12))
  const mdia = needBox(view, trak, ['mdia'])
  const mdhd = needBody(needBox(view, mdia, ['mdhd']), 24)
  const timescale = view.getUint32(mdhd.body + (view.getUint8(mdhd.body) === 1 ? 20 : 12))
  if (timescale === 0) throw new BoxMalformed('mdhd', 'timescale 0')
  const hdlr = needBody(needBox(view, mdia, ['hdlr']), 12)
  const stsd = needBox(view, mdia, ['minf', 'stbl', 'stsd'])
  const kind = kindOf(readType(view, hdlr.body + 8))
  return {
    id,
    index,
    kind,
    timescale,
    ...readSampleEntry(view, stsd),
    stsd: bytes.subarray(stsd.start, stsd.end),
    defaults: all.get(id) ?? { description: 1, duration: 0, size: 0, flags: 0 },
  }
}

function kindOf(handler: string): TrackKind {
  return handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : 'other'
}

function readDefaults(view: DataView, moov: Box): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>()
  const mvex = findBox(view, moov, ['mvex'])
  if (!mvex) return defaults
  for (const trex of children(view, mvex.body, mvex.end)) {
    if (trex.type !== 'trex') continue
    needBody(trex, 24)
    if (defaults.size === MAX_TRACKS) throw new BoxMalformed('mvex', `more than ${MAX_TRACKS} tracks`)
    defaults.set(view.getUint32(trex.body + 4), {
      description: view.getUint32(trex.body + 8),
      duration: view.getUint32(trex.body + 12),
      size: view.getUint32(trex.body + 16),
      flags: view.getUint32(trex.body + 20),
    })
  }
  return defaults
}
