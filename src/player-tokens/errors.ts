import { defineError } from '../errors.ts'

export const NoSuchPlayerToken = defineError('NO_SUCH_PLAYER_TOKEN', 'No such player token', 404)
export const TooManyPlayerTokens = defineError(
  'TOO_MANY_PLAYER_TOKENS',
  'An account has at most %s player tokens',
  409,
)
export const PlayerTokenNameMissing = defineError('NAME_MISSING', 'A name is required', 400)
export const PlayerTokenCamerasMissing = defineError('CAMERAS_MISSING', 'Choose at least one camera', 400)
