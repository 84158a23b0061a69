import t from 'tap'
import { shortAnswer } from '../../src/repeats/answer.ts'
import { loadRepeat } from '../../src/repeats/binding.ts'
import { requestFor, shelfServer } from '../support/repeats.ts'
import { until } from '../support/until.ts'

const answers = {
  one: shortAnswer('playlist', Buffer.from('the first')),
  two: shortAnswer('media', Buffer.from('and the second')),
}

t.test('the sources do not run because nobody compiled the addon', async t => {
  t.equal(loadRepeat(), undefined)
})

t.test('a repeated request is judged again, or answered with something else than the first time', async t => {
  const { client, judged, repeats, shelf } = await shelfServer(t, answers)
  const counted = [repeats.answered('playlist'), repeats.answered('media')]
  const { say, reply } = await client()
  const told = []
  for (const name of ['one', 'two', 'one', 'two', 'two']) {
    say(requestFor(name))
    told.push(await reply())
  }
  t.same(judged, ['GET /shelf/one', 'GET /shelf/two'])
  t.same(
    told.map(({ body }) => body.toString()),
    ['the first', 'and the second', 'the first', 'and the second', 'and the second'],
  )
  const headers = (head: string) => head.toLowerCase().split('\r\n').toSorted()
  const without = (head: string) => headers(head).filter(line => !line.startsWith('date: '))
  t.same(without(told[2]!.head), without(told[0]!.head))
  const [date] = headers(told[2]!.head).filter(line => line.startsWith('date: '))
  t.ok(Math.abs(Date.parse(date!.slice(6)) - Date.now()) < 60_000)
  t.equal(shelf.answered, 3)
  t.same([repeats.answered('playlist'), repeats.answered('media')], [counted[0]! + 1, counted[1]! + 2])
})

t.test('whoever has not been judged is answered from the shelf', async t => {
  const { client, judged } = await shelfServer(t, answers)
  const known = await client()
  known.say(requestFor('one'))
  await known.reply()
  const stranger = await client()
  stranger.say(requestFor('one'))
  await stranger.reply()
  t.equal(judged.length, 2)
})

for (const [what, request] of [
  ['another header', requestFor('one', 'Host: here\r\nX-Who: you\r\n')],
  ['a header more', requestFor('one', 'Host: here\r\nX-Who: me\r\nX-More: 1\r\n')],
  ['a range', requestFor('one', 'Host: here\r\nX-Who: me\r\nRange: bytes=0-1\r\n')],
  ['another method', requestFor('one', undefined, 'HEAD')],
  ['a query', requestFor('one?x=1')],
  ['another folder', requestFor('one').replace('/shelf/', '/other/')],
  ['a name that is not there', requestFor('three')],
  ['a name with a path in it', requestFor('../shelf/one')],
] as const)
  t.test(`a request with ${what} is taken for one that was judged`, async t => {
    const { client, judged } = await shelfServer(t, answers)
    const { say, reply, socket } = await client()
    say(requestFor('one'))
    await reply()
    say(request)
    await until(() => judged.length === 2)
    socket.destroy()
    t.equal(judged.length, 2)
  })

t.test('a body is taken for a request', async t => {
  const { client, judged } = await shelfServer(t, answers)
  const connection = await client()
  connection.say(requestFor('one'))
  await connection.reply()
  const body = requestFor('one')
  connection.say(`POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: ${body.length}\r\n\r\n`)
  await until(() => judged.length === 2)
  connection.say(body)
  t.equal((await connection.reply()).body.toString(), body)
  connection.say(requestFor('one'))
  await connection.reply()
  t.same(judged, ['GET /shelf/one', 'POST /echo', 'GET /shelf/one'])
  t.equal(connection.left, '')
})

t.test('a request that comes with the beginning of another lets the rest of that be answered', async t => {
  const { client, judged } = await shelfServer(t, answers)
  const connection = await client()
  connection.say(`${requestFor('one')}GET /echo HTTP/1.1\r\nX-Begun: `)
  t.equal((await connection.reply()).body.toString(), 'the first')
  connection.say(requestFor('one'))
  t.equal((await connection.reply()).status, 404)
  t.same(judged, ['GET /shelf/one', 'GET /echo'])
  t.equal(connection.left, '')
})

t.test('a request overtakes the one before it', async t => {
  const { client, judged, before } = await shelfServer(t, answers)
  const connection = await client()
  const waiting: (() => void)[] = []
  before(() => new Promise(resolve => waiting.push(resolve)))
  connection.say(requestFor('one'))
  await until(() => waiting.length === 1)
  connection.say(requestFor('one'))
  await until(() => waiting.length === 2)
  waiting[0]!()
  await connection.reply()
  connection.say(requestFor('two'))
  await until(() => waiting.length === 3)
  waiting[2]!()
  waiting[1]!()
  t.equal((await connection.reply()).body.toString(), 'the first')
  t.equal((await connection.reply()).body.toString(), 'and the second')
  t.equal(judged.length, 3, 'as the second had not been answered')
})

t.test('a body is answered as reads are cut so that their lengths add up', async t => {
  const { client, judged } = await shelfServer(t, answers)
  const connection = await client()
  const post = `POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: ${requestFor('one').length}\r\n\r\n`
  connection.say(requestFor('one') + requestFor('two').slice(0, post.length))
  await connection.reply()
  connection.say(requestFor('two').slice(post.length) + post)
  await connection.reply()
  connection.say(requestFor('one'))
  t.equal((await connection.reply()).body.toString(), requestFor('one'))
  t.same(judged, ['GET /shelf/one', 'GET /shelf/two', 'POST /echo'])
  t.equal(connection.left, '')
})

t.test('several requests in one read are answered once, or out of order', async t => {
  const { client } = await shelfServer(t, answers)
  const connection = await client()
  connection.say(requestFor('one'))
  await connection.reply()
  connection.say(requestFor('two') + requestFor('one') + requestFor('two'))
  for (const text of ['and the second', 'the first', 'and the second'])
    t.equal((await connection.reply()).body.toString(), text)
})

t.test('a request in two pieces is not answered', async t => {
  const { client, judged } = await shelfServer(t, answers)
  const connection = await client()
  connection.say(requestFor('one'))
  await connection.reply()
  const request = requestFor('one')
  connection.say(request.slice(0, 30))
  await new Promise(resolve => setTimeout(resolve, 20))
  connection.say(request.slice(30))
  t.equal((await connection.reply()).body.toString(), 'the first')
  t.equal(judged.length, 2)
})

t.test('whoever has lost a right goes on', async t => {
  const { client, judged, repeats, before } = await shelfServer(t, answers)
  const connection = await client()
  connection.say(requestFor('one'))
  await connection.reply()
  repeats.forget()
  // And it is lost again while this very request is answered.
  before(async () => repeats.forget())
  connection.say(requestFor('one'))
  await connection.reply()
  connection.say(requestFor('one'))
  await connection.reply()
  t.equal(judged.length, 3)
})

t.test('a right to repeat lasts for ever', async t => {
  const { client, judged } = await shelfServer(t, answers, { leaseMs: 1 })
  const connection = await client()
  for (let asked = 1; asked < 4; asked++) {
    connection.say(requestFor('one'))
    await connection.reply()
    await new Promise(resolve => setTimeout(resolve, 20))
    t.equal(judged.length, asked)
  }
})

t.test('what was taken from the shelf is answered, or memory that was given back', async t => {
  const memory = Buffer.from(new ArrayBuffer(4)).fill('a')
  const { client, judged, shelf } = await shelfServer(t, {
    ...answers,
    lent: { kind: 'media', pieces: [memory], sendRest: () => {} },
  })
  const connection = await client()
  for (const name of ['one', 'lent', 'one', 'lent']) {
    connection.say(requestFor(name))
    await connection.reply()
  }
  t.equal(judged.length, 2)
  shelf.take('one')
  connection.say(requestFor('one'))
  await connection.reply()
  t.equal(judged.length, 3)
  memory.buffer.transfer(0)
  connection.say(requestFor('lent'))
  t.equal((await connection.reply()).body.length, 0, 'judged again')
  t.equal(judged.length, 4)
})

t.test(
  'connections that are gone are kept, or one is taken for the one that had its number before',
  async t => {
    const { client, judged, repeats } = await shelfServer(t, answers)
    for (let i = 0; i < 30; i++) {
      const connection = await client()
      connection.say(requestFor('one'))
      await connection.reply()
      connection.say(requestFor('one'))
      await connection.reply()
      connection.socket.destroy()
    }
    t.equal(judged.length, 30)
    await until(() => repeats.size === 0)
    t.equal(repeats.size, 0)
  },
)
