import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

const LOOK_MS = 100

/**
 * The end in order: nothing new is taken, short requests finish, and connections that have become idle are closed, as are those on which
 * nobody has asked for anything yet: browsers open some in advance, and for Node they are busy.
 * What then still runs is cut after `SHUTDOWN_SECONDS`. Streams have been ended by then: they do so in `preClose`.
 */
export default fp(
  async app => {
    let stopClosing = () => {}
    let cut: NodeJS.Timeout | undefined
    const open = new Set<Socket>()
    // One function for all of them: there may be thousands.
    function forget(this: Socket): void {
      open.delete(this)
    }
    app.server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.on('close', forget)
    })
    app.addHook('preClose', async () => {
      stopClosing = app.ledger.always(LOOK_MS, () => {
        app.server.closeIdleConnections()
        for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
      })
      cut = setTimeout(() => {
        app.log.warn('requests that did not finish in time are cut off')
        app.server.closeAllConnections()
      }, app.config.server.shutdownMs)
    })
    // Runs when the last connection is gone, before any resource goes.
    app.addHook('onClose', async () => {
      stopClosing()
      clearTimeout(cut)
    })
  },
  { name: 'drain', dependencies: ['settings', 'ledger'] },
)
