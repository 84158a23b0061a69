import { defineError } from '../errors.ts'

export const ClipNotFound = defineError('CLIP_NOT_FOUND', 'There is no clip of this event', 404)
export const ClipEmpty = defineError(
  'CLIP_EMPTY',
  'Nothing is recorded of this event. If it has just ended, try again in a moment',
  404,
)
export const ClipNotReady = defineError(
  'CLIP_NOT_READY',
  'The clip is still being fetched from Frigate, try again in a moment',
  503,
  5,
)
export const ClipBroken = defineError(
  'CLIP_BROKEN',
  'The clip broke off while it was fetched from Frigate',
  502,
)
