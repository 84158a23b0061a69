import { defineError } from '../errors.ts'

export const NoSuchPlayerToken = defineError('NO_SUCH_PLAYER_TOKEN', 'No such player token', 404)
export const TooManyPlayerTokens = defineError(
  'TOO_MANY_PLAYER_TOKENS',
  'An account has at most %s player tokens',
  409,
)
export const PlayerTokenNameMissing = defineError('NAME_MISSING', 'A name is required', 400)
export const PlayerTokenCamerasMissing = defineError('CAMERAS_MISSING', 'Choose at least one camera', 400)
export const PlayerTokenCamerasTooLong = defineError(
  'PLAYER_TOKEN_CAMERAS_TOO_LONG',
  'The names of its cameras may be %s bytes together',
  400,
)
