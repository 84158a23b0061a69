import { defineError } from '../errors.ts'

export const VodNotFound = defineError('VOD_NOT_FOUND', 'Nothing is recorded of this', 404)
export const PlaylistUnusable = defineError(
  'PLAYLIST_UNUSABLE',
  'Frigate answered with a playlist that leads somewhere else',
  502,
)
