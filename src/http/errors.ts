import { defineError } from '../errors.ts'

const SOON_SECONDS = 1

export const ServerBusy = defineError(
  'SERVER_BUSY',
  'The server has as many requests as it can answer',
  503,
  SOON_SECONDS,
)
export const TooManyConnections = defineError(
  'TOO_MANY_CONNECTIONS',
  'The server has as many connections as it can keep',
  503,
  SOON_SECONDS,
)
export const BodyTooSlow = defineError(
  'TOO_MANY_UNFINISHED_BODIES',
  'Too many requests are being sent at the same time',
  503,
  SOON_SECONDS,
)
