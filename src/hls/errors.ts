import { defineError } from '../errors.ts'

export const HlsNotReady = defineError(
  'HLS_NOT_READY',
  'Stream not ready yet, please try again in a few seconds',
  503,
  3,
)
export const HlsWindowTooLarge = defineError(
  'HLS_WINDOW_TOO_LARGE',
  'three HLS segments of this stream do not fit: it needs %s KiB, the limit is %s KiB',
  503,
  60,
)
export const HlsMistimed = defineError(
  'HLS_MISTIMED',
  'go2rtc gives the pictures of this camera wrong times, as it does with B-frames: switch them off in the camera',
  415,
)
export const HlsGone = defineError('HLS_GONE', 'This part of the stream is not here', 404)
export const HlsBadReload = defineError('HLS_BAD_RELOAD', 'not a playlist to wait for: %s', 400)
export const HlsReloadTimeout = defineError(
  'HLS_RELOAD_TIMEOUT',
  'the camera has sent nothing for too long',
  503,
  1,
)
