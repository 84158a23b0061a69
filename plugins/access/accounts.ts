import { availableParallelism } from 'node:os'
import fp from 'fastify-plugin'
import { Accounts } from '../../src/accounts/accounts.ts'
import { ensureAdmin } from '../../src/accounts/first-admin.ts'
import { Users } from '../../src/accounts/users.ts'
import { readAudit } from '../../src/audit/audit.ts'
import type { ReadHandle } from '../../src/database/sqlite/lease.ts'
import { readAttempts } from '../../src/login-protection/attempts.ts'
import { LoginProtection } from '../../src/login-protection/login-protection.ts'
import { PasswordChecksBusy } from '../../src/passwords/errors.ts'
import { PasswordQueue } from '../../src/passwords/password-queue.ts'
import { Passwords } from '../../src/passwords/passwords.ts'

declare module 'fastify' {
  interface FastifyInstance {
    accounts: Accounts
    users: Users
    loginProtection: LoginProtection
    /** The login attempts of the last 24 h, with the places they came from. */
    loginAttempts(db: ReadHandle): ReturnType<typeof readAttempts>
    audit: { read: typeof readAudit }
  }
}

const WAITING_PASSWORD_CHECKS = 8

export default fp(
  async app => {
    const { database, sessions, revocation } = app
    const config = app.config.accounts
    const shareOf = (name: string) =>
      app.shares.define(name, { refusal: () => new PasswordChecksBusy(), total: WAITING_PASSWORD_CHECKS })
    const passwords = new Passwords({
      rounds: config.bcryptRounds,
      queue: new PasswordQueue({
        parallel: Math.max(1, Math.min(2, availableParallelism() - 1)),
        places: {
          known: shareOf('password checks, known network'),
          account: shareOf('password checks, known account'),
          stranger: shareOf('password checks, anybody'),
        },
      }),
    })
    const protection = new LoginProtection(database, config.login)
    app.decorate('loginProtection', protection)
    app.decorate('accounts', new Accounts({ database, passwords, protection, sessions, revocation }))
    app.decorate('loginAttempts', db => readAttempts(db, app.geoip))
    app.decorate('audit', { read: readAudit })
    app.decorate('users', new Users({ database, passwords, revocation }))

    const invented = await ensureAdmin(database, passwords, {
      username: config.adminUsername,
      password: config.adminPassword,
      email: config.adminEmail,
      fullName: config.adminFullName,
    })
    // Past the log on purpose: logs are kept and shipped, this is to be read once.
    if (invented !== undefined)
      process.stderr.write(`First start: log in as ${config.adminUsername} with the password ${invented}\n`)
  },
  { name: 'accounts', dependencies: ['settings', 'database', 'sessions', 'geoip', 'shares'] },
)
