import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import { type WebSocket, WebSocketServer } from 'ws'
import { UpgradeRequired } from '../../src/player/errors.ts'
import { MAX_MESSAGE_BYTES } from '../../src/player/message.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers with a WebSocket: its handler calls `upgrade`. */
    websocket?: boolean
  }
  interface FastifyInstance {
    /**
     * Answers with a WebSocket (RFC 6455, 4.2), which `serve` gets with the connection under it; throws UPGRADE_REQUIRED if
     * the client asked for none. The request is over with it: its hooks run to their end, and nothing of it
     * stays for as long as the connection does.
     */
    upgrade(
      request: FastifyRequest,
      reply: FastifyReply,
      serve: (ws: WebSocket, socket: Socket) => void,
    ): void
  }
}

/** Pieces of a message cost V8 more than their bytes: one that comes in more of them is refused. */
const MAX_PIECES = 64

/** Requests for an upgrade pass through hooks and routes like all others, which refuse them or not. */
export default fp(
  async app => {
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_PIECES,
      maxBufferedChunks: MAX_PIECES,
      perMessageDeflate: false,
      // Pongs are queued without a bound for a peer that reads none of them: `src/player/` sends its own.
      autoPong: false,
    })
    /** Requests that ask for an upgrade: what came behind their head, and what ends the connection of one that is refused. */
    const asking = new WeakMap<IncomingMessage, { head: Buffer; end: () => void }>()

    function onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
      socket.on('error', destroy)
      const end = () => socket.destroySoon()
      asking.set(request, { head, end })
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      response.once('finish', end)
      app.routing(request, response)
    }

    app.server.on('upgrade', onUpgrade)
    app.addHook('onClose', async () => {
      app.server.off('upgrade', onUpgrade)
    })

    app.decorate('upgrade', ({ raw: request }, reply, serve) => {
      const asked = asking.get(request)
      if (!asked) throw new UpgradeRequired()
      asking.delete(request)
      const { socket } = request
      const response = reply.hijack().raw
      response.off('finish', asked.end)
      response.detachSocket(socket)
      response.statusCode = 101
      socket.off('error', destroy)
      server.handleUpgrade(request, socket, asked.head, ws => serve(ws, socket))
      response.emit('finish')
      response.emit('close')
    })
  },
  { name: 'upgrade' },
)

function destroy(this: Socket): void {
  this.destroy()
}
