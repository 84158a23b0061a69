import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** What is said of an address, `undefined` for what never comes to its end. */
type Say = (url: string) => string | Promise<string> | undefined

/** A Frigate that knows one camera, `Garden`, with a picture, and says of everything else what a test has it say. */
export async function startSlowFrigate(t: Test, say: Say) {
  const asked: string[] = []
  const open = new Set<ServerResponse>()
  const server = createServer(async (request, response) => {
    const url = request.url ?? ''
    asked.push(url)
    open.add(response)
    response.on('close', () => open.delete(response))
    if (url.startsWith('/api/Garden/latest.jpg'))
      return response.setHeader('content-type', 'image/jpeg').end(Buffer.from([0xff, 0xd8]))
    response.setHeader('content-type', 'application/json')
    const answer = KNOWN[url] ?? say(url)
    if (answer !== undefined) return response.end(await answer)
    const drip = setInterval(() => response.write(' '), 1000)
    response.on('close', () => clearInterval(drip))
  }).listen(0, '127.0.0.1')
  // Else it closes connections that are just being used again, on a busy machine.
  server.keepAliveTimeout = 120_000
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, open }
}

const KNOWN: Readonly<Record<string, string>> = {
  '/api/config': JSON.stringify({ cameras: { Garden: {} } }),
  '/api/version': '0.16.4',
  '/api/stats': '{}',
}
