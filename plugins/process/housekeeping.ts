import fp from 'fastify-plugin'
import { pruneAudit } from '../../src/audit/audit.ts'
import { pullBackFutureTimes } from '../../src/database/file/future-times.ts'
import { Housekeeping } from '../../src/housekeeping/housekeeping.ts'
import { pruneAttempts } from '../../src/login-protection/attempts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    housekeeping: Housekeeping
  }
}

const EVERY_MS = 60_000
/** Rows that one chore removes in one round: the write lock is never held for long. */
const BATCH = 1000

export default fp(
  async app => {
    const { database, sessions, playerTokens, handles, loginProtection, geoip } = app
    const { audit } = app.config.accounts
    const housekeeping = new Housekeeping(
      {
        clock: () => pullBackFutureTimes(database, BATCH),
        lastSeen: () => sessions.saveLastSeen(),
        lastUsed: () => playerTokens.saveLastUsed(),
        sessions: () => sessions.removeExpired(BATCH),
        handles: () => handles.removeExpired(BATCH),
        blocks: () => loginProtection.removeExpired(BATCH),
        attempts: () => pruneAttempts(database, BATCH),
        audit: () => pruneAudit(database, { ...audit, batch: BATCH }),
        places: () => geoip.prune(BATCH),
        database: () => database.tidy(),
      },
      (chore, error) => app.log.error({ err: error, chore }, 'housekeeping failed'),
    )
    app.decorate('housekeeping', housekeeping)
    app.addHook('onReady', async () => housekeeping.start(EVERY_MS, app.ledger.always))
    app.addHook('onClose', async () => {
      await housekeeping.stop()
      await sessions.saveLastSeen()
      await playerTokens.saveLastUsed()
    })
  },
  { name: 'housekeeping', dependencies: ['ledger', 'database', 'sessions', 'accounts', 'handles', 'geoip'] },
)
