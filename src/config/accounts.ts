import { badSetting, type Settings } from './setting.ts'

export type AccountsConfig = ReturnType<typeof readAccountsConfig>

const PLACEHOLDER_KEYS = [
  'your-secret-key-change-in-production',
  'your-secret-key-change-in-production-use-strong-random-string',
]

export function readAccountsConfig(settings: Settings) {
  return {
    databasePath: settings.text('DATABASE_PATH', './data/camgate.db'),
    databaseConnections: settings.integer('DATABASE_CONNECTIONS', 4, 2, 64),
    databaseWaitMs: settings.integer('DATABASE_WAIT_SECONDS', 2, 1, 60) * 1000,
    secretKey: secretKey(settings, 'SECRET_KEY'),
    secretKeyPrevious: secretKey(settings, 'SECRET_KEY_PREVIOUS'),
    tokenHours: settings.integer('JWT_EXPIRATION_HOURS', 24, 1, 8760),
    bcryptRounds: settings.integer('BCRYPT_ROUNDS', 12, 4, 16),
    login: {
      /** How many failures within the window block an address, and for how long. */
      failures: settings.integer('LOGIN_MAX_FAILURES', 4, 1, 1000),
      windowMs: settings.integer('LOGIN_WINDOW_MINUTES', 60, 1, 10080) * 60_000,
      blockMs: settings.integer('LOGIN_BLOCK_MINUTES', 60, 1, 10080) * 60_000,
    },
    audit: {
      maxAgeMs: settings.integer('AUDIT_DAYS', 365, 1, 36500) * 86_400_000,
      maxEntries: settings.integer('AUDIT_ENTRIES', 50_000, 100, 10_000_000),
    },
    adminUsername: settings.text('ADMIN_USERNAME', 'admin'),
    adminPassword: settings.optional('ADMIN_PASSWORD'),
    adminEmail: settings.optional('ADMIN_EMAIL'),
    adminFullName: settings.optional('ADMIN_FULL_NAME'),
    geoipProvider: settings.choice('GEOIP_PROVIDER', 'disabled', ['disabled', 'ipapi']),
  }
}

/** Whoever has read the old backend's example files could sign tokens with their key. */
function secretKey(settings: Settings, name: string): string | undefined {
  const value = settings.optional(name)
  if (value !== undefined && PLACEHOLDER_KEYS.includes(value))
    throw badSetting(
      name,
      value,
      'it is the placeholder of the example files; leave it empty to have one made',
    )
  return value
}
