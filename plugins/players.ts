import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import type { Identity } from '../src/access/identity.ts'
import { TRY_AGAIN_LATER } from '../src/player/close-codes.ts'
import { PlayerSession } from '../src/player/player-session.ts'
import { Relay } from '../src/player/relay.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Serves go2rtc's WebSocket protocol to one player until it goes or its authority ends. */
    servePlayer(ws: WebSocket, socket: Socket, identity: Identity, stream: string): void
  }
}

const PING_MS = 30_000
const MAX_PICTURE_BYTES = 4 * 1024 * 1024

/** WebSocket players: their sessions, one pinger for all, and their end. */
export default fp(
  async app => {
    const { webrtc } = app.config.live
    const sessions = new Set<PlayerSession>()
    const stopPinging = app.ledger.always(PING_MS, () => {
      for (const session of sessions) session.ping()
    })

    app.decorate('servePlayer', (ws, socket, identity, stream) => {
      let release: () => void
      try {
        release = app.viewers.add({ identity, kind: 'websocket', stream, end: reason => session.end(reason) })
      } catch (error) {
        // Somebody else came in between: it was let in before the upgrade.
        ws.close(TRY_AGAIN_LATER, error instanceof Error ? error.message : '')
        return
      }
      const session = new PlayerSession(ws, socket, {
        live: app.live,
        stream,
        webrtc: webrtc === 'relay',
        relay: client => {
          const url = `${app.go2rtc.origin.replace(/^http/, 'ws')}/api/ws?src=${encodeURIComponent(stream)}`
          return new Relay(url, {
            maxPayload: MAX_PICTURE_BYTES,
            client,
            closed: app.ledger.acquire('relays'),
          })
        },
      })
      sessions.add(session)
      const closed = app.ledger.acquire('WebSockets')
      ws.on('close', () => {
        sessions.delete(session)
        release()
        closed()
      })
    })

    app.addHook('onClose', async () => stopPinging())
  },
  { name: 'players', dependencies: ['ledger', 'live', 'go2rtc', 'viewers'] },
)
