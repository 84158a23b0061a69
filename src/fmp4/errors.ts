import { defineError } from '../errors.ts'

export const BoxTooSmall = defineError(
  'FMP4_BOX_TOO_SMALL',
  'box %s claims %s bytes, less than its own header',
  502,
)
export const BoxTooLarge = defineError(
  'FMP4_BOX_TOO_LARGE',
  'box %s claims %s bytes, more than the limit of %s',
  502,
)
export const BoxOverrun = defineError('FMP4_BOX_OVERRUN', 'box %s does not fit into the box around it', 502)
export const BoxMissing = defineError('FMP4_BOX_MISSING', 'box %s is missing', 502)
export const BoxMalformed = defineError('FMP4_BOX_MALFORMED', 'box %s: %s', 502)
export const BoxOutOfOrder = defineError('FMP4_BOX_OUT_OF_ORDER', 'box %s does not belong here', 502)
export const TooManySamples = defineError(
  'FMP4_TOO_MANY_SAMPLES',
  'a fragment claims %s samples, more than the limit of %s',
  502,
)
export const TrackUnknown = defineError(
  'FMP4_TRACK_UNKNOWN',
  'a fragment names track %s, which the init segment lacks',
  502,
)
export const FragmentUnsupported = defineError(
  'FMP4_FRAGMENT_UNSUPPORTED',
  'fragments with %s are not supported',
  502,
)
