import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { CONTENT_TYPE } from './exposition.ts'

/** Serves metrics, and nothing else, on a port of its own. Rejects when the port cannot be had. */
export async function serveMetrics(host: string, port: number, text: () => Promise<string>): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    text().then(
      body => response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(body),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  return server
}
