import type { Settings } from './setting.ts'

export type UpstreamsConfig = ReturnType<typeof readUpstreamsConfig>

export function readUpstreamsConfig(settings: Settings) {
  return {
    go2rtc: settings.origin('GO2RTC_HOST', 'http://frigate:1984'),
    /** `undefined` where there is no Frigate: `FRIGATE_HOST=none`. Cameras are then go2rtc's streams. */
    frigate:
      settings.optional('FRIGATE_HOST') === 'none'
        ? undefined
        : settings.origin('FRIGATE_HOST', 'http://frigate:5000'),
    frigateUser: settings.optional('FRIGATE_USER'),
    frigatePassword: settings.optional('FRIGATE_PASSWORD'),
  }
}
