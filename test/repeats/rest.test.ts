import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Answer } from '../../src/repeats/answer.ts'
import { requestFor, shelfServer } from '../support/repeats.ts'
import { until } from '../support/until.ts'

/** More than a connection takes at once while nobody reads. */
const LARGE = Buffer.alloc(32 * 1024 * 1024)
for (let at = 0; at < LARGE.length; at += 4) LARGE.writeUInt32LE(at, at)

function large(): { answer: Answer; ended: () => number } {
  let ended = 0
  const sendRest = (socket: Socket, from: number, done: () => void) => {
    const end = () => {
      socket.off('close', end)
      ended++
      done()
    }
    socket.once('close', end)
    socket.write(LARGE.subarray(from), error => {
      if (!error) end()
    })
  }
  return { answer: { kind: 'media', pieces: [LARGE], sendRest }, ended: () => ended }
}

t.test('bytes are lost or doubled where a client reads slowly, or it cannot repeat after that', async t => {
  const { answer, ended } = large()
  const { client, judged, viewers } = await shelfServer(t, { large: answer })
  const connection = await client()
  connection.say(requestFor('large'))
  t.ok((await connection.reply()).body.equals(LARGE))
  for (let again = 1; again < 4; again++) {
    connection.socket.pause()
    connection.say(requestFor('large'))
    await until(() => viewers.size === 1)
    connection.socket.resume()
    t.ok((await connection.reply()).body.equals(LARGE))
    await until(() => viewers.size === 0)
    t.equal(ended(), again)
  }
  t.equal(judged.length, 1)
})

/** A client that was sent the answer once, and takes nothing of it the second time. */
async function stalled(t: Test, stalledMs?: number) {
  const { answer, ended } = large()
  const { client, viewers, repeats } = await shelfServer(t, { large: answer }, { stalledMs })
  const connection = await client()
  connection.say(requestFor('large'))
  await connection.reply()
  connection.socket.pause()
  connection.say(requestFor('large'))
  await until(() => viewers.size === 1)
  return { ...connection, viewers, repeats, ended }
}

t.test('a client that leaves in the middle is waited for', async t => {
  const { socket, viewers, repeats, ended } = await stalled(t)
  socket.destroy()
  await until(() => viewers.size === 0 && repeats.size === 0)
  t.equal(ended(), 1)
})

t.test('what is being sent goes on when its right is taken away', async t => {
  const { socket, viewers, ended } = await stalled(t)
  viewers.endWhere(() => true, 'revoked')
  socket.resume()
  await until(() => socket.destroyed && ended() === 1)
  t.equal(viewers.size, 0)
})

t.test('a client that asks for more and takes nothing is waited for', async t => {
  const { socket, say, viewers, ended } = await stalled(t, 200)
  say(requestFor('large'))
  await until(() => ended() === 1)
  t.equal(viewers.size, 0)
  socket.destroy()
})
