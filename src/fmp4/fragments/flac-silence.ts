/** Of the header of a metadata block and STREAMINFO. */
const BLOCK_HEADER = 4
const STREAMINFO = 34
/** From 16-bit block size minus one at the end of the header, and the sample rate of STREAMINFO (RFC 9639, 9.1). */
const SIZES = 0x70
const SYNC = [0xff, 0xf8] as const
const CRC8 = 0x07
const CRC16 = 0x8005

/**
 * A FLAC frame of silence (RFC 9639, 9): one constant subframe of zero for each channel. `metadata` begins with the STREAMINFO block;
 * undefined if it does not.
 */
export function flacSilence(metadata: Uint8Array, samples: number): Buffer | undefined {
  if (metadata.length < BLOCK_HEADER + STREAMINFO || (metadata[0]! & 0x7f) !== 0) return undefined
  const packed = metadata.subarray(BLOCK_HEADER + 12, BLOCK_HEADER + 14)
  const channels = ((packed[0]! >> 1) & 7) + 1
  const bits = (((packed[0]! & 1) << 4) | (packed[1]! >> 4)) + 1
  const header = [...SYNC, SIZES, (channels - 1) << 4, 0, (samples - 1) >> 8, (samples - 1) & 0xff]
  const subframes = new Array<number>(Math.ceil((channels * (8 + bits)) / 8)).fill(0)
  const frame = [...header, crc(header, CRC8, 8), ...subframes]
  const checksum = crc(frame, CRC16, 16)
  return Buffer.from([...frame, checksum >> 8, checksum & 0xff])
}

/** Most significant bit first, from 0. */
function crc(bytes: readonly number[], polynomial: number, width: number): number {
  const top = 1 << (width - 1)
  const mask = (1 << width) - 1
  let value = 0
  for (const byte of bytes) {
    value ^= byte << (width - 8)
    for (let bit = 0; bit < 8; bit++)
      value = value & top ? ((value << 1) ^ polynomial) & mask : (value << 1) & mask
  }
  return value
}
