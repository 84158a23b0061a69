import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startApp } from '../support/app.ts'

t.test(
  'a request that does not arrive must not be waited for without end, nor ended without a word',
  async t => {
    const { app, origin } = await startApp(t)
    Object.assign(app.server, { headersTimeout: 50, requestTimeout: 50 })
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.setEncoding('utf8').on('data', text => {
      answer += text
    })
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nX-Half: ')
    // Node looks at them every so often.
    await once(socket, 'close')
    t.match(answer, /^HTTP\/1\.1 408 .*"code":"REQUEST_TIMEOUT"/s)
    t.equal((await fetch(`${origin}/health`)).status, 200, 'a whole one is answered')
  },
)
