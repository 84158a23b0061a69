import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startApp } from './support/app.ts'
import { signIn } from './support/sign-in.ts'

/** Status of a request that says it is JSON, sends no body and does not tell a length, as `fetch` does for DELETE. */
async function statusWithoutLength(origin: string, line: string, headers: Record<string, string>) {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const lines = Object.entries({ host: 'x', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.write(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  let received = ''
  socket.setEncoding('latin1').on('data', chunk => {
    received += chunk
  })
  await once(socket, 'end')
  socket.destroy()
  return Number(received.split(' ')[1])
}

t.test('a request that declares JSON and has neither body nor length is left waiting', async t => {
  const { origin } = await startApp(t)
  const { headers } = await signIn(origin)
  const cases: [string, number][] = [
    ['GET /api/auth/me', 200],
    ['POST /api/auth/media-token', 400],
    ['DELETE /api/auth/sessions/nobody', 404],
    ['POST /api/nothing', 404],
    ['DELETE /nothing', 404],
    ['POST /api/auth/login', 400],
    ['POST /api/auth/logout', 200],
  ]
  for (const [line, status] of cases) t.equal(await statusWithoutLength(origin, line, headers), status, line)
})

t.test('a body of another type without a length is left waiting', async t => {
  const { origin } = await startApp(t)
  const { headers } = await signIn(origin)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/sdp']) {
    const status = await statusWithoutLength(origin, 'POST /api/auth/logout', {
      ...headers,
      'content-type': type,
    })
    t.equal(status, 415, type)
  }
})
