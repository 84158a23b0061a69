import { defineError } from '../errors.ts'

export const CredentialsMissing = defineError(
  'CREDENTIALS_MISSING',
  'Username and password are required',
  400,
)
export const InvalidCredentials = defineError('INVALID_CREDENTIALS', 'Invalid credentials', 401)
export const PasswordChecksBusy = defineError(
  'PASSWORD_CHECKS_BUSY',
  'Too many logins at the same time, try again in a moment',
  503,
  2,
)
export const PlaceholderPassword = defineError(
  'BAD_SETTING',
  'ADMIN_PASSWORD=%s is not usable: it is the placeholder of the example files; leave it empty to have one made',
)
export const AdminPasswordTooLong = defineError(
  'BAD_SETTING',
  'ADMIN_PASSWORD is not usable: bcrypt takes at most 72 bytes',
)
