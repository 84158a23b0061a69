import fp from 'fastify-plugin'
import { PlayerTokens } from '../../src/player-tokens/player-tokens.ts'
import { Revocation, stillStands } from '../../src/sessions/revocation.ts'
import { Sessions } from '../../src/sessions/sessions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    sessions: Sessions
    playerTokens: PlayerTokens
    revocation: Revocation
  }
}

/** What runs on a right ends within a second of it, also where the process is busy. */
const EXPIRY_MS = 250

export default fp(
  async app => {
    const { database, tokens, viewers } = app
    const sessions = new Sessions({
      database,
      tokens,
      lifetimeMs: app.config.accounts.tokenHours * 3_600_000,
    })
    const playerTokens = new PlayerTokens(database)
    const revocation = new Revocation({
      memories: [sessions, playerTokens],
      viewers,
      streamVisibleTo: (identity, stream) => app.cameras.streamVisibleTo(identity, stream),
    })
    viewers.checkWith(async viewer => {
      const { sessionId } = viewer.identity
      return stillStands(
        viewer,
        (await playerTokens.current(sessionId)) ?? (await sessions.current(sessionId)),
      )
    })

    app.decorate('sessions', sessions)
    app.decorate('playerTokens', playerTokens)
    app.decorate('revocation', revocation)

    const stop = app.ledger.always(EXPIRY_MS, () => revocation.expire(Date.now()))
    app.addHook('onClose', async () => stop())
  },
  { name: 'sessions', dependencies: ['settings', 'ledger', 'database', 'tokens', 'viewers'] },
)
