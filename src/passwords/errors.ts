import { defineError } from '../errors.ts'

export const PasswordChecksBusy = defineError(
  'PASSWORD_CHECKS_BUSY',
  'Too many logins at the same time, try again in a moment',
  503,
  2,
)
