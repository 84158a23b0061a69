const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')

/** `avcC` of 1920x1080, High, level 4.1 (`avc1.640029`), as x264 makes it. */
export const H264_CONFIG = hex(
  '01640029ffe1001b67640029acb200f0044fcb80880000030008000003019078c1924001000668ebc3cb22c0fdf8f800',
)

/** `hvcC` of 1920x1080, Main, level 4.0, as x265 makes it (VPS, SPS, PPS). */
export const H265_CONFIG = hex(
  '01016000000090000000000078f000fcfdf8f800000f03200001001840010c01ffff016000000300900000030000' +
    '030078928090210001002b420101016000000300900000030000030078a003c08010e5964a924caf016808000003' +
    '000800000300c84022000100074401c172b46240',
)

/** AudioSpecificConfig of AAC-LC, 16 kHz, mono. */
export const AAC_CONFIG = hex('1408')
