import { defineError } from '../errors.ts'

export const MediaBusy = defineError(
  'MEDIA_BUSY',
  'Too many clips are being played, try again in a moment',
  503,
  5,
)
