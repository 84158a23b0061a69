import { defineError } from '../errors.ts'

export const Go2rtcUnreachable = defineError('GO2RTC_UNREACHABLE', 'go2rtc cannot be reached: %s', 502)
export const Go2rtcRefused = defineError('GO2RTC_REFUSED', '%s', 502)
export const Go2rtcMalformed = defineError('GO2RTC_MALFORMED', 'go2rtc answered something else than %s', 502)
/** For the log alone: the rest is used. */
export const Go2rtcLeftOut = defineError(
  'GO2RTC_LEFT_OUT',
  'go2rtc lists more than %s streams: the rest is left out',
  502,
)
export const StreamUnknown = defineError('STREAM_UNKNOWN', 'Stream not found', 404)
