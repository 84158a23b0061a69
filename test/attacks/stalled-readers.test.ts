import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** More than the kernel holds for both ends of a connection. */
const BYTES = 48 * 1024 * 1024
const PIECE = randomBytes(64 * 1024)

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < BYTES; sent += PIECE.length) yield PIECE
}

/** A body that is pulled, as those of clips and segments are. */
function pulled() {
  let left = BYTES
  return {
    read: async (into: Buffer) => {
      const bytes = Math.min(left, into.length)
      left -= bytes
      return bytes
    },
    close: () => {
      left = 0
    },
  }
}

t.test('a reader that takes nothing keeps its answer for as long as it likes', async t => {
  const page = await temporaryFolder(t)
  await writeFile(join(page, 'index.html'), '<!doctype html>')
  await writeFile(join(page, 'large.js'), Buffer.alloc(BYTES))
  const open = new Map<string, boolean>()
  const watched = (app: FastifyInstance) => {
    app.addHook('onRequest', async (request, reply) => {
      open.set(request.url, true)
      reply.raw.once('close', () => open.set(request.url, false))
    })
    app.get('/streamed', (_request, reply) => reply.send(Readable.from(pieces())))
    app.after(() => {
      app.get('/pulled', { onRequest: app.requireSession }, (request, reply) =>
        app.sendMedia(request, reply, 'Garage', async () => ({ status: 200, headers: {}, body: pulled() })),
      )
    })
  }
  const { origin } = await startApp(t, { WEB_ROOT: page, FRIGATE_HOST: 'none' }, watched)
  const { token } = await signIn(origin)
  const port = Number(new URL(origin).port)
  const authorization = `authorization: Bearer ${token}\r\n`
  const paths = ['/streamed', '/pulled', '/large.js']
  const slow = new RawClient(t, port)
  slow.send(get('/streamed?slowly', authorization)).stall()
  // It takes something every few seconds, and is never done within the test.
  const sips = setInterval(() => slow.socket.read(256 * 1024), 3000)
  t.teardown(() => clearInterval(sips))
  for (const path of paths) new RawClient(t, port).send(get(path, authorization)).stall()
  await until(() => paths.every(path => open.get(path) === true))
  await until(() => paths.every(path => open.get(path) === false), 40_000)
  t.same(
    paths.map(path => open.get(path)),
    [false, false, false],
    'each is cut',
  )
  t.equal(open.get('/streamed?slowly'), true, 'whoever takes something goes on')
})
