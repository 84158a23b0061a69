import { CodedError, defineError } from '../errors.ts'

export const FrigateAbsent = defineError('FRIGATE_ABSENT', 'There is no Frigate behind this server', 404)
export const FrigateUnreachable = defineError('FRIGATE_UNREACHABLE', 'Frigate cannot be reached (%s)', 502)
export const FrigateUntrusted = defineError(
  'FRIGATE_UNTRUSTED',
  'The certificate of Frigate is not to be trusted (%s); FRIGATE_CA names who has signed it',
  502,
)
export const FrigateTimeout = defineError('FRIGATE_TIMEOUT', 'Frigate did not answer within %s seconds', 504)
export const FrigateBusy = defineError(
  'FRIGATE_BUSY',
  'Too many clips are being played from Frigate, try again in a moment',
  503,
  2,
)
export const FrigateTooLarge = defineError(
  'FRIGATE_TOO_LARGE',
  'Frigate answered with more than %s bytes',
  502,
)
export const FrigateEmpty = defineError('FRIGATE_EMPTY', 'Frigate answered with nothing', 502)
export const FrigateMalformed = defineError(
  'FRIGATE_MALFORMED',
  'Frigate answered something else than %s',
  502,
)
/** For the log alone: the rest is answered. */
export const FrigateLeftOut = defineError('FRIGATE_LEFT_OUT', 'What Frigate answers is used without %s', 502)
export const FrigateLoginFailed = defineError(
  'FRIGATE_LOGIN_FAILED',
  'Frigate does not accept FRIGATE_USER and FRIGATE_PASSWORD',
  502,
)
export const EventNotFound = defineError('EVENT_NOT_FOUND', 'Event not found', 404)
export const ReviewNotFound = defineError('REVIEW_NOT_FOUND', 'Review item not found', 404)
export const RangeTooLong = defineError('RANGE_TOO_LONG', 'At most %s hours can be asked for at once', 400)
export const RangeBackwards = defineError('RANGE_BACKWARDS', '`before` must come after `after`', 400)

export class FrigateRefused extends CodedError {
  /** What Frigate answered with. */
  readonly status: number

  constructor(status: number) {
    super('FRIGATE_REFUSED', `Frigate answered with status ${status}`, 502)
    this.status = status
  }
}
