import { defineError } from '../errors.ts'

export const Go2rtcUnreachable = defineError('GO2RTC_UNREACHABLE', 'go2rtc cannot be reached: %s', 502)
export const Go2rtcRefused = defineError('GO2RTC_REFUSED', '%s', 502)
export const Go2rtcMalformed = defineError('GO2RTC_MALFORMED', 'go2rtc answered something else than %s', 502)
export const StreamUnknown = defineError('STREAM_UNKNOWN', 'Stream not found', 404)
