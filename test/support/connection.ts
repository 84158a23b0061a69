import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Both ends of a connection, and what has arrived at the far one. */
export async function connection(t: Test) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const far = connect(port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  const chunks: Buffer[] = []
  far.on('data', chunk => chunks.push(Buffer.from(chunk)))
  for (const socket of [near, far]) socket.on('error', () => {})
  t.teardown(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return { near, far, received: () => Buffer.concat(chunks) }
}
