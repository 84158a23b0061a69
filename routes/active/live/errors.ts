import createError from '@fastify/error'

export const OriginForbidden = createError(
  'ORIGIN_FORBIDDEN',
  'This origin may not open a WebSocket here',
  403,
)
export const StreamUnknown = createError('STREAM_UNKNOWN', 'Stream not found', 404)
export const UpstreamRefused = createError('GO2RTC_REFUSED', 'go2rtc answered with status %s', 502)
export const UpstreamUnreachable = createError('GO2RTC_UNREACHABLE', 'go2rtc does not answer', 502)
