import { CodedError, defineError } from '../errors.ts'

export const LoginRequired = defineError('LOGIN_REQUIRED', 'Authentication required', 401)
export const SessionEnded = defineError('SESSION_ENDED', 'The session has ended, log in again', 401)
export const AdminRequired = defineError('ADMIN_REQUIRED', 'Admin access required', 403)

export class AccountDisabled extends CodedError {
  constructor() {
    super('ACCOUNT_DISABLED', 'Account disabled', 403, { disabled: true })
  }
}
