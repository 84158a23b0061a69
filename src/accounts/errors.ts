import { defineError } from '../errors.ts'

export const CredentialsMissing = defineError(
  'CREDENTIALS_MISSING',
  'Username and password are required',
  400,
)
export const FieldsMissing = defineError('FIELDS_MISSING', 'All fields are required', 400)

export const UsernameMismatch = defineError('USERNAME_MISMATCH', 'The new usernames do not match', 400)
export const WrongUsername = defineError('WRONG_USERNAME', 'The current username is not right', 400)
export const BadUsername = defineError(
  'BAD_USERNAME',
  'A username has 3 to 32 letters, digits, underscores or hyphens',
  400,
)
export const MixedScripts = defineError(
  'MIXED_SCRIPTS',
  'A username does not mix letters of scripts that look alike, such as Latin and Cyrillic',
  400,
)
export const UsernameTaken = defineError('USERNAME_TAKEN', 'This username is taken', 409)

export const PasswordMismatch = defineError('PASSWORD_MISMATCH', 'The new passwords do not match', 400)
export const WrongPassword = defineError('WRONG_PASSWORD', 'The current password is not right', 400)
export const WeakPassword = defineError(
  'WEAK_PASSWORD',
  'A password has at least 8 characters, among them an upper-case and a lower-case letter, a digit and a symbol',
  400,
)
export const PasswordTooLong = defineError('PASSWORD_TOO_LONG', 'A password has at most 72 bytes', 400)

export const NoSuchUser = defineError('NO_SUCH_USER', 'User not found', 404)
export const NotOneself = defineError('NOT_ONESELF', 'You cannot %s your own account', 400)
export const AdminStaysActive = defineError('ADMIN_STAYS_ACTIVE', 'An administrator cannot be disabled', 400)
export const LastAdmin = defineError('LAST_ADMIN', 'The last active administrator stays one', 409)
export const AccountInUse = defineError(
  'ACCOUNT_IN_USE',
  'Other data in the database belongs to this account; disable it instead',
  409,
)
export const NoSuchSession = defineError('NO_SUCH_SESSION', 'No such session', 404)

export const PlaceholderPassword = defineError(
  'BAD_SETTING',
  'ADMIN_PASSWORD=%s is not usable: it is the placeholder of the example files; leave it empty to have one made',
)
/** Without the password, which nobody shall read in a log. */
export const BadAdminPassword = defineError(
  'BAD_SETTING',
  'ADMIN_PASSWORD is not usable: %s; leave it empty to have one made',
)
