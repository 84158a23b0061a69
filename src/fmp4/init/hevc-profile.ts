import type { Box } from '../boxes/box.ts'

/** Where the arrays of parameter sets begin in an `hvcC`, after their count (ISO/IEC 14496-15, 8.3.3.1). */
const ARRAYS = 23
/** `general_profile_space` up to `general_level_idc`; they come second in the box, and after three bytes in an SPS. */
const BYTES = 12
const IN_SPS = 3
/** `NAL_unit_type` of a sequence parameter set (ITU-T H.265, table 7-1). */
const SPS = 33

/**
 * The general profile, tier and level of an `hvcC` of at least 13 bytes, as twelve bytes. go2rtc writes only the first
 * of them: they are read from the sequence parameter set where the box says level 0, which there is not.
 */
export function hevcProfileTierLevel(view: DataView, hvcC: Box): readonly number[] {
  const box = Array.from({ length: BYTES }, (_, i) => view.getUint8(hvcC.body + 1 + i))
  if (box.at(-1) !== 0) return box
  const sps = firstSps(view, hvcC)?.slice(IN_SPS, IN_SPS + BYTES)
  return sps?.length === BYTES ? sps : box
}

/** Without its emulation prevention bytes (H.265, 7.4.2), as far as it is needed. */
function firstSps(view: DataView, { body, end }: Box): readonly number[] | undefined {
  for (let at = body + ARRAYS; at + 5 <= end; ) {
    const type = view.getUint8(at) & 0x3f
    const count = view.getUint16(at + 1)
    at += 3
    for (let i = 0; i < count && at + 2 <= end; i++) {
      const next = at + 2 + view.getUint16(at)
      if (next > end) return undefined
      if (type === SPS) return unescaped(view, at + 2, next)
      at = next
    }
  }
  return undefined
}

function unescaped(view: DataView, from: number, end: number): number[] {
  const bytes: number[] = []
  let zeros = 0
  for (let at = from; at < end && bytes.length < IN_SPS + BYTES; at++) {
    const byte = view.getUint8(at)
    if (zeros < 2 || byte !== 3) bytes.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return bytes
}
