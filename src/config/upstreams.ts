import { readFileSync } from 'node:fs'
import { badSetting, type Settings } from './setting.ts'

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
    /** PEM of the authority that signed the certificate of Frigate's port 8971, where it is not a public one. */
    frigateCa: pem(settings, 'FRIGATE_CA'),
    /** The broker that Frigate tells its events. Without one they come from Frigate's `/ws`. */
    mqttUrl: broker(settings, 'MQTT_URL'),
    mqttTopicPrefix: topic(settings, 'MQTT_TOPIC_PREFIX', 'frigate'),
  }
}

function pem(settings: Settings, name: string): string | undefined {
  const path = settings.optional(name)
  if (path === undefined) return undefined
  try {
    const text = readFileSync(path, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch {
    throw badSetting(name, path, 'a file that can be read')
  }
  throw badSetting(name, path, 'a file with certificates in PEM')
}

function broker(settings: Settings, name: string): URL | undefined {
  const value = settings.optional(name)
  if (value === undefined) return undefined
  const url = URL.parse(value)
  if (url && /^mqtts?:$/.test(url.protocol) && url.hostname !== '' && hasReadableLogin(url)) return url
  throw badSetting(name, value, 'an address such as mqtt://user:password@mqtt:1883')
}

/** Whether user and password are percent-encoded where they have to be. */
function hasReadableLogin({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

/** A name of MQTT (3.1.1, 4.7) that is no pattern. */
function topic(settings: Settings, name: string, fallback: string): string {
  const value = settings.text(name, fallback)
  if (!/[+#]/.test(value)) return value
  throw badSetting(name, value, 'a topic such as frigate or home/frigate, without + and #')
}
