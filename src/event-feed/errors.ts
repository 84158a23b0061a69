import { defineError } from '../errors.ts'

export const TooManyListeners = defineError(
  'TOO_MANY_LISTENERS',
  'Too many clients listen to events, try again later',
  503,
  30,
)
