import { defineError } from '../errors.ts'

export const MediaBusy = defineError(
  'MEDIA_BUSY',
  'Too many clips are being played, try again in a moment',
  503,
  5,
)
/** Nobody is told: it ends what the client waited for. */
export const ClientGone = defineError('CLIENT_GONE', 'The client has gone', 499)
export const PassthroughBusy = defineError(
  'PASSTHROUGH_BUSY',
  'Too many clients are given what go2rtc makes for each alone, try again in a moment',
  503,
  5,
)
/** What it is called could be run by a browser, in this server's origin. */
export const MediaTypeRefused = defineError(
  'MEDIA_TYPE_REFUSED',
  'This should be %s, but the upstream calls it %s',
  502,
)
export const UpstreamsBusy = defineError(
  'UPSTREAMS_BUSY',
  'Too many requests wait for go2rtc and Frigate, try again in a moment',
  503,
  2,
)
export const PictureBusy = defineError(
  'PICTURE_BUSY',
  'Too many pictures are being taken, try again in a moment',
  503,
  2,
)
