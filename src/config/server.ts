import { descriptorLimit, divideDescriptors } from './descriptors.ts'
import type { Settings } from './setting.ts'

export type ServerConfig = ReturnType<typeof readServerConfig>

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export function readServerConfig(settings: Settings) {
  return {
    host: settings.text('HOST', '0.0.0.0'),
    port: settings.integer('PORT', 5003, 0, 65535),
    logLevel: settings.choice('LOG_LEVEL', 'info', [...LEVELS, ...LEVELS.map(upper)]).toLowerCase(),
    corsOrigins: settings.origins('CORS_ORIGINS'),
    /** Addresses under which browsers reach this server, where a proxy does not hand on `Host`. */
    publicOrigins: settings.origins('PUBLIC_ORIGINS'),
    /** Per user, media not counted. */
    requestsPerMinute: settings.integer('API_REQUESTS_PER_MINUTE', 1200, 60, 100_000_000),
    mediaRequestsPerMinute: settings.integer('MEDIA_REQUESTS_PER_MINUTE', 12_000, 600, 100_000_000),
    /** What may be open and asked at the same time. */
    limits: divideDescriptors(
      {
        maxConnections:
          settings.optional('MAX_CONNECTIONS') === undefined
            ? undefined
            : settings.integer('MAX_CONNECTIONS', 0, 16, 1_000_000),
        maxRequests: settings.integer('MAX_CONCURRENT_REQUESTS', 512, 16, 100_000),
      },
      descriptorLimit(),
    ),
    /** How long a whole request may take to arrive, its body included. */
    requestMs: settings.integer('REQUEST_TIMEOUT_SECONDS', 30, 1, 3600) * 1000,
    /** How long short requests may take to finish when the server stops. */
    shutdownMs: settings.integer('SHUTDOWN_SECONDS', 10, 0, 300) * 1000,
    metricsToken: settings.optional('METRICS_TOKEN'),
    metricsPort:
      settings.optional('METRICS_PORT') === undefined
        ? undefined
        : settings.integer('METRICS_PORT', 0, 0, 65535),
    trustedProxies: settings.networks('TRUSTED_PROXIES'),
    webRoot: settings.folderWith('WEB_ROOT', 'index.html'),
  }
}

function upper<T extends string>(level: T): Uppercase<T> {
  return level.toUpperCase() as Uppercase<T>
}
