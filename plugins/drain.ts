import fp from 'fastify-plugin'

const LOOK_MS = 100

/**
 * The end in order: nothing new is taken, short requests finish, and connections that have become idle are closed.
 * What then still runs is cut after `SHUTDOWN_SECONDS`. Streams have been ended by then: they do so in `preClose`.
 */
export default fp(
  async app => {
    let closeIdle: NodeJS.Timeout | undefined
    let cut: NodeJS.Timeout | undefined
    app.addHook('preClose', async () => {
      closeIdle = setInterval(() => app.server.closeIdleConnections(), LOOK_MS)
      cut = setTimeout(() => {
        app.log.warn('requests that did not finish in time are cut off')
        app.server.closeAllConnections()
      }, app.config.server.shutdownMs)
    })
    // Runs when the last connection is gone, before any resource goes.
    app.addHook('onClose', async () => {
      clearInterval(closeIdle)
      clearTimeout(cut)
    })
  },
  { name: 'drain', dependencies: ['settings'] },
)
