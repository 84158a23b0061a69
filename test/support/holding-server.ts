import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A server that reads a long list at once and writes it at once, and meanwhile answers nobody: what a known piece of work takes on this
 * machine. It tells its port on stdout.
 */
const text = JSON.stringify(
  Array.from({ length: 100_000 }, (_, i) => ({ id: `${i}.5-abc`, at: [i / 3, 0.5], label: 'person' })),
)

const server = createServer(({ url }, response) => {
  response.end(url === '/list' ? JSON.stringify(JSON.parse(text)).slice(0, 100) : 'healthy')
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
