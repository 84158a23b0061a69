import { buildApp } from '../../app.ts'
import { readConfig } from '../../src/config/config.ts'
import { createLogger } from '../../src/logger.ts'
import { type Leak, plant } from './leaks.ts'

/** The server with the leak in it that SABOTAGE names, for tests that must find it. */
const config = readConfig(process.env)
const app = buildApp(config, { logger: createLogger('info') })
plant(app, process.env.SABOTAGE as Leak)
process.once('SIGTERM', () => {
  app.close().finally(() => process.exit())
})
await app.listen({ host: config.server.host, port: config.server.port })
