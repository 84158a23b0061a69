import { CodedError } from '../errors.ts'

export class TooManyRequests extends CodedError {
  constructor(retryAfterSeconds: number) {
    super('TOO_MANY_REQUESTS', 'Too many requests, try again in a moment', 429, {}, retryAfterSeconds)
  }
}
