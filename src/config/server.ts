import type { Settings } from './setting.ts'

export type ServerConfig = ReturnType<typeof readServerConfig>

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export function readServerConfig(settings: Settings) {
  return {
    host: settings.text('HOST', '0.0.0.0'),
    port: settings.integer('PORT', 5003, 0, 65535),
    logLevel: settings.choice('LOG_LEVEL', 'info', [...LEVELS, ...LEVELS.map(upper)]).toLowerCase(),
    corsOrigins: settings.list('CORS_ORIGINS'),
    trustedProxies: settings.networks('TRUSTED_PROXIES'),
    webRoot: settings.folderWith('WEB_ROOT', 'index.html'),
  }
}

function upper<T extends string>(level: T): Uppercase<T> {
  return level.toUpperCase() as Uppercase<T>
}
