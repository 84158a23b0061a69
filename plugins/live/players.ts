import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import { type Identity, ownerOf } from '../../src/access/identity.ts'
import { ByteBudget } from '../../src/live/memory/budget.ts'
import { TRY_AGAIN_LATER } from '../../src/player/close-codes.ts'
import { PlayerSession } from '../../src/player/player-session.ts'
import { Tunnel, type TunnelClient } from '../../src/player/tunnel.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Serves go2rtc's WebSocket protocol to one player until it goes or its authority ends. */
    servePlayer(ws: WebSocket, socket: Socket, identity: Identity, stream: string): void
  }
}

const MIB = 1024 * 1024
const PING_MS = 30_000
const PICTURE_BYTES = 4 * MIB
/** Of all players together, while they arrive and until they are sent. */
const PICTURES_BYTES = 16 * MIB

/** WebSocket players: their sessions, one pinger for all, and their end. */
export default fp(
  async app => {
    const sessions = new Set<PlayerSession>()
    const pictures = new ByteBudget(PICTURES_BYTES, () => {})
    app.ledger.watch('picture bytes of players', () => pictures.used)
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
        pictures,
        webrtc: app.config.live.webrtc === 'relay',
        tunnel: client => openTunnel(client, identity, stream),
      })
      sessions.add(session)
      const closed = app.ledger.acquire('WebSockets')
      ws.on('close', () => {
        sessions.delete(session)
        release()
        closed()
      })
    })

    function openTunnel(client: TunnelClient, identity: Identity, stream: string): Tunnel {
      const leave = app.go2rtc.consumers.take(ownerOf(identity), 1, () => tunnel.end())
      const release = app.ledger.acquire('tunnels')
      const url = `${app.go2rtc.origin.replace(/^http/, 'ws')}/api/ws?src=${encodeURIComponent(stream)}`
      const closed = () => {
        leave()
        release()
      }
      const tunnel = new Tunnel(url, { pictureBytes: PICTURE_BYTES, memory: pictures, client, closed })
      return tunnel
    }

    app.addHook('onClose', async () => stopPinging())
  },
  { name: 'players', dependencies: ['ledger', 'live', 'go2rtc', 'viewers'] },
)
