import t from 'tap'
import { readConfig } from '../../src/config/config.ts'

t.test('a bad setting is named with its value and what is allowed', async t => {
  t.throws(() => readConfig({ PORT: '5003x' }), {
    message: 'PORT="5003x" is not usable: a whole number from 0 to 65535',
  })
  t.throws(() => readConfig({ PORT: '70000' }), { code: 'BAD_SETTING' })
  t.throws(() => readConfig({ LOG_LEVEL: 'loud' }), { message: /LOG_LEVEL="loud".*one of fatal/ })
  t.throws(() => readConfig({ GO2RTC_HOST: 'frigate:1984' }), { message: /GO2RTC_HOST="frigate:1984"/ })
  t.throws(() => readConfig({ WEBRTC: 'yes' }), { message: /one of off, relay/ })
  t.throws(() => readConfig({ MQTT_URL: 'mqtt://user:100%@mqtt' }), { message: /MQTT_URL=.*such as mqtt:/ })
  t.equal(readConfig({ MQTT_URL: 'mqtt://user:100%25@mqtt' }).upstreams.mqttUrl?.password, '100%25')
})

t.test('an empty setting counts as unset', async t => {
  t.equal(readConfig({ PORT: '' }).server.port, 5003)
})

t.test('the upper-case log levels of the old backend are taken', async t => {
  t.equal(readConfig({ LOG_LEVEL: 'INFO' }).server.logLevel, 'info')
})

t.test(
  'an origin that no browser would send must not be passed over without a word, or keep the others from counting',
  async t => {
    for (const value of [
      'localhost:5173',
      'home.example.org',
      'https://*.example.org',
      'https://a.org/app',
      'null',
      'https://',
    ]) {
      const { server, warnings } = readConfig({ CORS_ORIGINS: `https://ok.example.org, ${value}` })
      t.same(server.corsOrigins, ['https://ok.example.org'])
      t.match(warnings.join(), `CORS_ORIGINS: no browser sends "${value}"`)
    }
    const { corsOrigins } = readConfig({
      CORS_ORIGINS: 'http://LOCALHOST:5173/, https://home.example.org:443, capacitor://localhost, *',
    }).server
    t.same(corsOrigins, ['http://localhost:5173', 'https://home.example.org', 'capacitor://localhost', '*'])
  },
)

t.test('a limit of memory that the server alone is above must not be taken', async t => {
  t.throws(() => readConfig({ MEMORY_LIMIT_MB: '20' }), {
    message: 'MEMORY_LIMIT_MB="20" is not usable: at least 64, or 0 for the limit of the container',
  })
  t.equal(readConfig({ MEMORY_LIMIT_MB: '64' }).memory.limitBytes, 64 * 1024 * 1024)
  t.equal(readConfig({ MEMORY_LIMIT_MB: '0' }).memory.limitBytes, 0)
})

t.test('a setting without effect must not be taken without a word', async t => {
  const cases: [Record<string, string>, string[]][] = [
    [{}, []],
    [
      { FRIGATE_USER: 'camgate' },
      ['FRIGATE_USER is set and has no effect: a login needs FRIGATE_PASSWORD too'],
    ],
    [
      { FRIGATE_PASSWORD: 'x' },
      ['FRIGATE_PASSWORD is set and has no effect: a login needs FRIGATE_USER too'],
    ],
    [{ FRIGATE_USER: 'camgate', FRIGATE_PASSWORD: 'x' }, []],
    [
      { FRIGATE_HOST: 'none', FRIGATE_USER: 'camgate' },
      ['FRIGATE_USER is set and has no effect: FRIGATE_HOST is none'],
    ],
    [{ MQTT_TOPIC_PREFIX: 'nvr' }, ['MQTT_TOPIC_PREFIX is set and has no effect: MQTT_URL is not set']],
    [{ MQTT_TOPIC_PREFIX: 'nvr', MQTT_URL: 'mqtt://mqtt' }, []],
    [
      { HLS_SHARED_CACHE: '1' },
      ['HLS_SHARED_CACHE is set and has no effect: the cache has to be among TRUSTED_PROXIES'],
    ],
    [{ HLS_SHARED_CACHE: '1', TRUSTED_PROXIES: '10.0.0.1' }, []],
    [
      { HLS_SEGMENTS_PATH: '/tmp/hls' },
      ['HLS_SEGMENTS_PATH is set and has no effect: HLS needs no files any more'],
    ],
    [
      { MEMORY_TRIM_MB: '90', MEMORY_SHED_MB: '100' },
      [
        'MEMORY_TRIM_MB, MEMORY_SHED_MB: memory that cannot be reclaimed counts, not resident memory; see docs/memory.md',
      ],
    ],
    [{ MEMORY_LIMIT_MB: '0', MEMORY_SAMPLE_SECONDS: '30' }, []],
  ]
  for (const [env, warnings] of cases) t.same(readConfig(env).warnings, warnings)
})

t.test('a key that can be guessed must not be taken without a word, nor be told to the log', async t => {
  const [warning, ...others] = readConfig({ SECRET_KEY: 'short' }).warnings
  t.same(others, [])
  t.match(warning, /^SECRET_KEY has 5 characters: /)
  t.notMatch(warning, /"short"/)
  t.same(readConfig({ SECRET_KEY: 'k'.repeat(32) }).warnings, [])
})

t.test('a name that is misspelt must not be taken for one of another program', async t => {
  const meant = {
    FRIGATE_HOSTT: 'FRIGATE_HOST',
    FRIGTE_HOST: 'FRIGATE_HOST',
    GO2RTC_HOTS: 'GO2RTC_HOST',
    GORTC_HOST: 'GO2RTC_HOST',
    TRUSTED_PROXY: 'TRUSTED_PROXIES',
    TRUSTEDPROXIES: 'TRUSTED_PROXIES',
    LIVE_MAX_STREAM: 'LIVE_MAX_STREAMS',
    ADMIN_PASWORD: 'ADMIN_PASSWORD',
    admin_password: 'ADMIN_PASSWORD',
    CORS_ORIGIN: 'CORS_ORIGINS',
    PROT: 'PORT',
  }
  for (const [name, known] of Object.entries(meant))
    t.same(readConfig({ [name]: 'x' }).warnings, [`${name} is not a setting: did you mean ${known}?`])
})

t.test(
  'names of the shell, npm, Docker, Kubernetes and the old backend must not be taken for ours',
  async t => {
    const foreign = [
      ...['HOME', 'HOSTNAME', 'PATH', 'PWD', 'LOGNAME', 'SHLVL', 'USER', 'TERM', 'TZ', 'LANG', 'MAIL', '_'],
      ...['NODE_ENV', 'NODE_OPTIONS', 'npm_config_registry', 'npm_package_name', 'npm_lifecycle_event'],
      ...['FRIGATE_PORT', 'FRIGATE_SERVICE_HOST', 'FRIGATE_PORT_5000_TCP', 'GO2RTC_PORT', 'MQTT_PORT'],
      ...[
        'FLASK_ENV',
        'FLASK_DEBUG',
        'CAMERA_1_URL',
        'CAMERA_FRONT_DOOR_URL',
        'SQLITE_TMPDIR',
        'MALLOC_CONF',
      ],
      ...['POSTGRES_HOST', 'REDIS_HOST', 'DATABASE_URL', 'FRIGATE_RTSP_PASSWORD', 'FRIGATE_MQTT_USER'],
    ]
    t.same(readConfig(Object.fromEntries(foreign.map(name => [name, 'x']))).warnings, [])
  },
)
