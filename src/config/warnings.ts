import { nearName } from './near-names.ts'
import type { Environment, Settings } from './setting.ts'

/** For the old backend's ffmpeg container: taken, told about, and without effect. */
export const WITHOUT_EFFECT = ['HLS_SEGMENTS_PATH', 'FFMPEG_SERVICE_HOST'] as const

/** HS256 wants a key as long as its hash (RFC 7518, 3.2). */
const KEY_CHARACTERS = 32

/** One setting that does nothing while another is as it is. */
interface Idle {
  readonly name: string
  readonly because: string
  readonly when: boolean
}

/** What a person would want to know of settings that can be used: one line each. `settings` has read everything. */
export function warningsOf(settings: Settings, env: Environment): string[] {
  const isSet = (name: string) => settings.optional(name) !== undefined
  const ignored = WITHOUT_EFFECT.filter(isSet).map(
    name => `${name} is set and has no effect: HLS needs no files any more`,
  )
  const idle = idleSettings(settings)
    .filter(({ name, when }) => when && isSet(name))
    .map(({ name, because }) => `${name} is set and has no effect: ${because}`)
  return [
    ...ignored,
    ...idle,
    ...noOrigins(settings),
    ...shortKeys(settings),
    ...unreclaimable(settings),
    ...misspelt(settings, env),
  ]
}

function idleSettings(settings: Settings): Idle[] {
  const isSet = (name: string) => settings.optional(name) !== undefined
  const frigate = settings.optional('FRIGATE_HOST') ?? ''
  const absent = frigate === 'none'
  const login = ['FRIGATE_USER', 'FRIGATE_PASSWORD'] as const
  return [
    ...[...login, 'FRIGATE_CA'].map(name => ({ name, because: 'FRIGATE_HOST is none', when: absent })),
    ...login.map((name, index) => {
      const other = login[1 - index]!
      return { name, because: `a login needs ${other} too`, when: !absent && !isSet(other) }
    }),
    {
      name: 'FRIGATE_CA',
      because: 'FRIGATE_HOST is not an https address',
      when: !absent && !frigate.startsWith('https:'),
    },
    {
      name: 'MQTT_TOPIC_PREFIX',
      because: 'MQTT_URL is not set',
      when: settings.optional('MQTT_TOPIC_PREFIX') !== 'frigate' && !isSet('MQTT_URL'),
    },
    {
      name: 'HLS_SHARED_CACHE',
      because: 'the cache has to be among TRUSTED_PROXIES',
      when: settings.flag('HLS_SHARED_CACHE', false) && !isSet('TRUSTED_PROXIES'),
    },
  ]
}

function noOrigins(settings: Settings): string[] {
  return settings
    .noOrigins('CORS_ORIGINS')
    .map(
      item =>
        `CORS_ORIGINS: no browser sends "${item}"; an origin is like https://home.example.org or http://localhost:5173`,
    )
}

function shortKeys(settings: Settings): string[] {
  return ['SECRET_KEY', 'SECRET_KEY_PREVIOUS']
    .map(name => ({ name, length: settings.optional(name)?.length ?? KEY_CHARACTERS }))
    .filter(({ length }) => length < KEY_CHARACTERS)
    .map(
      ({ name, length }) =>
        `${name} has ${length} characters: whoever has one token can try to guess it; take ${KEY_CHARACTERS} random ones, or leave it empty to have a key made`,
    )
}

/** Before, they meant resident memory. */
function unreclaimable(settings: Settings): string[] {
  const set = ['MEMORY_LIMIT_MB', 'MEMORY_TRIM_MB', 'MEMORY_SHED_MB', 'MEMORY_RESTART_MB'].filter(
    name => Number(settings.optional(name) ?? 0) > 0,
  )
  if (set.length === 0) return []
  return [
    `${set.join(', ')}: memory that cannot be reclaimed counts, not resident memory; see docs/memory.md`,
  ]
}

function misspelt(settings: Settings, env: Environment): string[] {
  const known = new Set([...settings.known, ...WITHOUT_EFFECT])
  return Object.keys(env)
    .filter(name => !known.has(name))
    .flatMap(name => {
      const meant = nearName(name, known)
      return meant === undefined ? [] : [`${name} is not a setting: did you mean ${meant}?`]
    })
}
