import type { Settings } from './setting.ts'

export type AccountsConfig = ReturnType<typeof readAccountsConfig>

export function readAccountsConfig(settings: Settings) {
  return {
    databasePath: settings.text('DATABASE_PATH', './data/camgate.db'),
    secretKey: settings.optional('SECRET_KEY'),
    secretKeyPrevious: settings.optional('SECRET_KEY_PREVIOUS'),
    tokenHours: settings.integer('JWT_EXPIRATION_HOURS', 24, 1, 8760),
    bcryptRounds: settings.integer('BCRYPT_ROUNDS', 12, 4, 16),
    adminUsername: settings.text('ADMIN_USERNAME', 'admin'),
    adminPassword: settings.optional('ADMIN_PASSWORD'),
    adminEmail: settings.optional('ADMIN_EMAIL'),
    adminFullName: settings.optional('ADMIN_FULL_NAME'),
    geoipProvider: settings.choice('GEOIP_PROVIDER', 'disabled', ['disabled', 'ipapi']),
  }
}
