import { findBox, readBox, viewOf } from '../boxes/box.ts'
import type { Track } from '../init/init-segment.ts'
import { flacSilence } from './flac-silence.ts'
import type { Fragment, Sample } from './fragment.ts'
import { writeMoof } from './moof-writer.ts'

/** What a decoder makes silence of; `duration` is in units of the track's timescale. */
export interface SilentFrame {
  readonly bytes: Buffer
  readonly duration: number
}

/** An AAC-LC raw_data_block without a spectrum, for one and for two channels (ISO/IEC 14496-3). */
const AAC: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}
const AAC_SAMPLES = 1024
/** 20 ms of one channel of CELT; what comes before and after it may have two (RFC 6716, 3.1). */
const OPUS = Buffer.from('f8fffe', 'hex')
const OPUS_RATE = 48_000
const OPUS_SAMPLES = 960
const FLAC_SECONDS = 0.02

const STSD_ENTRIES = 16
const AUDIO_HEADER = 28
const SYNC_SAMPLE = 0x0200_0000
const MDAT_HEADER = 8

/** One frame of silence for AAC-LC of one or two channels, Opus and FLAC; undefined for everything else. */
export function silentFrame(track: Track): SilentFrame | undefined {
  if (track.codec === 'mp4a.40.2') {
    const bytes = AAC[track.channels]
    return bytes && { bytes, duration: AAC_SAMPLES }
  }
  if (track.codec === 'opus' && track.timescale === OPUS_RATE) return { bytes: OPUS, duration: OPUS_SAMPLES }
  if (track.codec === 'flac') {
    const duration = Math.round(track.timescale * FLAC_SECONDS)
    const bytes = flacSilence(streamInfo(track), duration)
    return bytes && { bytes, duration }
  }
  return undefined
}

/** So many frames of silence as a sample each, as `trun` describes them. */
export function silentSamples({ bytes, duration }: SilentFrame, count: number): Sample[] {
  const sample = { duration, size: bytes.length, flags: SYNC_SAMPLE, compositionOffset: 0 }
  return Array.from({ length: count }, () => sample)
}

/** So many frames of silence as one fragment that begins at `decodeTime`, in units of the track's timescale. */
export function silentFragment(
  track: Track,
  frame: SilentFrame,
  decodeTime: number,
  count: number,
): Fragment {
  const samples = silentSamples(frame, count)
  const { bytes: moof, tfdtOffset } = writeMoof({ sequence: 0, trackId: track.id, decodeTime, samples })
  const mdatBytes = MDAT_HEADER + count * frame.bytes.length
  const whole = Buffer.allocUnsafeSlow(moof.length + mdatBytes)
  whole.set(moof)
  viewOf(whole).setUint32(moof.length, mdatBytes)
  whole.write('mdat', moof.length + 4, 'latin1')
  whole.fill(frame.bytes, moof.length + MDAT_HEADER)
  return {
    track,
    decodeTime,
    duration: count * frame.duration,
    sync: true,
    samples,
    moof: whole.subarray(0, moof.length),
    mdat: whole.subarray(moof.length),
    tfdtOffset,
  }
}

/** The body of `dfLa` without version and flags: metadata blocks, STREAMINFO first (FLAC in ISOBMFF, 3.3.2). */
function streamInfo({ stsd }: Track): Uint8Array {
  const view = viewOf(stsd)
  const entry = readBox(view, STSD_ENTRIES, stsd.length)
  const box = findBox(view, { body: entry.body + AUDIO_HEADER, end: entry.end }, ['dfLa'])
  return box ? stsd.subarray(box.body + 4, box.end) : new Uint8Array()
}
