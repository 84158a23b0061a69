import { availableParallelism } from 'node:os'
import fp from 'fastify-plugin'
import { Accounts } from '../src/accounts/accounts.ts'
import { ensureAdmin } from '../src/accounts/first-admin.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { Sessions } from '../src/sessions/sessions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    accounts: Accounts
    sessions: Sessions
  }
}

const WAITING_PASSWORD_CHECKS = 8

export default fp(
  async app => {
    const { database, tokens } = app
    const config = app.config.accounts
    const passwords = new Passwords({
      rounds: config.bcryptRounds,
      parallel: Math.max(1, Math.min(2, availableParallelism() - 1)),
      waiting: WAITING_PASSWORD_CHECKS,
    })
    const sessions = new Sessions({ database, tokens, lifetimeMs: config.tokenHours * 3_600_000 })
    app.decorate('sessions', sessions)
    app.decorate('accounts', new Accounts({ database, passwords, sessions }))

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
  { name: 'accounts', dependencies: ['settings', 'database', 'tokens'] },
)
