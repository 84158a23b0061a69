import { defineError } from '../errors.ts'

export const BudgetExhausted = defineError(
  'LIVE_BUDGET_EXHAUSTED',
  'no room for %s more bytes within %s',
  503,
)
export const TooManyStreams = defineError(
  'LIVE_TOO_MANY_STREAMS',
  'too many streams are open (limit %s)',
  503,
)
export const TooManyViewers = defineError(
  'LIVE_TOO_MANY_VIEWERS',
  'too many viewers are watching (limit %s)',
  503,
)
export const Overloaded = defineError(
  'LIVE_OVERLOADED',
  'The server is short of memory and takes no new viewers for a moment',
  503,
  30,
)
export const NotPlayable = defineError('LIVE_NOT_PLAYABLE', 'codecs not matched: the stream has %s', 415)
export const UpstreamRefused = defineError('LIVE_UPSTREAM_REFUSED', '%s', 502)
export const UpstreamSilent = defineError('LIVE_UPSTREAM_SILENT', 'the camera has sent nothing for %s s', 504)
export const PictureLost = defineError(
  'LIVE_PICTURE_LOST',
  'the camera sends sound, and no picture for %s s',
  504,
)
export const PictureGone = defineError('LIVE_PICTURE_GONE', 'the camera came back without a picture', 502)
export const SoundLost = defineError('LIVE_SOUND_LOST', 'the camera has sent no sound for %s s', 504)
export const SoundMistimed = defineError(
  'LIVE_SOUND_MISTIMED',
  'sound and picture are %s s apart: the camera sends another kind of sound than it said',
  502,
)
export const FragmentTooLarge = defineError(
  'LIVE_FRAGMENT_TOO_LARGE',
  'a picture of the camera is larger than LIVE_FRAGMENT_KB allows: %s',
  502,
)
export const UpstreamEnded = defineError('LIVE_UPSTREAM_ENDED', 'the camera stream ended', 502)
export const ShuttingDown = defineError('LIVE_SHUTTING_DOWN', 'the server is shutting down', 503)
