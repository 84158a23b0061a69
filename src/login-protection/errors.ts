import { CodedError, defineError } from '../errors.ts'

export const TooManyAtOnce = defineError(
  'LOGIN_ATTEMPTS_IN_FLIGHT',
  'Too many login attempts at the same time, try again in a moment',
  429,
  1,
)
export const AddressMissing = defineError('ADDRESS_MISSING', 'IP address is required', 400)
export const NotBlocked = defineError('NOT_BLOCKED', 'This address is not blocked', 404)

/** Whoever sees this is blocked, or has just been. */
export class AddressBlocked extends CodedError {
  constructor(until: number, now: number) {
    const seconds = Math.max(1, Math.ceil((until - now) / 1000))
    const minutes = Math.max(1, Math.round(seconds / 60))
    const sentence = `Too many failed login attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}`
    super('ADDRESS_BLOCKED', sentence, 429, {}, seconds)
  }
}

/** Others have failed before, from other places: it is not this address that is blocked. */
export class LoginSlowed extends CodedError {
  constructor(ms: number) {
    const seconds = Math.max(1, Math.ceil(ms / 1000))
    const sentence = `Too many failed logins. Try again in ${seconds} second${seconds === 1 ? '' : 's'}`
    super('LOGIN_SLOWED', sentence, 429, {}, seconds)
  }
}

export class InvalidCredentials extends CodedError {
  constructor(attemptsRemaining: number) {
    super('INVALID_CREDENTIALS', 'Invalid credentials', 401, { attempts_remaining: attemptsRemaining })
  }
}
