import pino from 'pino'
import { buildApp } from './app.ts'
import { readConfig } from './config/config.ts'

const config = readConfig(process.env)
const app = buildApp(config, { logger: pino({ level: config.server.logLevel }) })
await app.listen({ host: config.server.host, port: config.server.port })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close())
