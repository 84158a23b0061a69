import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

/** What one writes in ten minutes: @fastify/http-proxy before go2rtc, one upstream connection for each viewer. */
const app = fastify()
await app.register(httpProxy, { upstream: process.argv[2]!, disableRequestLogging: true })
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`listening at http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
process.once('SIGTERM', () => process.exit())
