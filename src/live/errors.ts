import { defineError } from '../errors.ts'

export const BudgetExhausted = defineError(
  'LIVE_BUDGET_EXHAUSTED',
  'no room for %s more bytes within %s',
  503,
)
export const TooManyStreams = defineError(
  'LIVE_TOO_MANY_STREAMS',
  'too many streams are open (limit %s)',
  503,
)
export const TooManyViewers = defineError(
  'LIVE_TOO_MANY_VIEWERS',
  'too many viewers are watching (limit %s)',
  503,
)
export const Overloaded = defineError(
  'LIVE_OVERLOADED',
  'The server is short of memory and takes no new viewers for a moment',
  503,
  30,
)
export const NotPlayable = defineError('LIVE_NOT_PLAYABLE', 'codecs not matched: the stream has %s', 415)
export const UpstreamRefused = defineError('LIVE_UPSTREAM_REFUSED', '%s', 502)
export const UpstreamSilent = defineError('LIVE_UPSTREAM_SILENT', 'the camera has sent nothing for %s s', 504)
export const UpstreamEnded = defineError('LIVE_UPSTREAM_ENDED', 'the camera stream ended', 502)
export const ShuttingDown = defineError('LIVE_SHUTTING_DOWN', 'the server is shutting down', 503)
