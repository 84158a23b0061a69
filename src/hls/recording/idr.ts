import { viewOf } from '../../fmp4/boxes/box.ts'

/** What precedes each NAL unit in a sample: its length (ISO/IEC 14496-15); go2rtc writes four bytes. */
const LENGTH_BYTES = 4
/** `nal_unit_type` of a coded slice of an IDR picture (ITU-T H.264, table 7-1). */
const H264_IDR = 5
/** `IDR_W_RADL` and `IDR_N_LP` (ITU-T H.265, table 7-1). */
const H265_IDR: ReadonlySet<number> = new Set([19, 20])

/**
 * Whether a sample is an IDR picture: one that may follow itself. Other pictures that decoding can start at (H.265's
 * CRA) count on in their sequence, and decoders stumble over the same one twice.
 */
export function isIdr(codec: string, sample: Uint8Array): boolean {
  const view = viewOf(sample)
  const isH265 = /^h(vc|ev)1/.test(codec)
  for (let at = 0; at + LENGTH_BYTES < sample.length; at += LENGTH_BYTES + view.getUint32(at)) {
    const header = sample[at + LENGTH_BYTES]!
    if (isH265 ? H265_IDR.has((header >> 1) & 0x3f) : (header & 0x1f) === H264_IDR) return true
  }
  return false
}
