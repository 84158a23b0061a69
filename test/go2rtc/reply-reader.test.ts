import t from 'tap'
import { ReplyReader } from '../../src/go2rtc/reply-reader.ts'

/** What is told of a reply that comes in pieces of so many bytes. */
function read(reply: string, piece = reply.length) {
  const bytes = Buffer.from(reply, 'latin1')
  const told = { statuses: [] as number[], body: '', complete: false, mayEnd: false }
  const reader = new ReplyReader({
    head: status => told.statuses.push(status),
    body: chunk => {
      told.body += Buffer.from(chunk).toString('latin1')
    },
  })
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  told.complete = reader.complete
  told.mayEnd = reader.mayEnd
  return told
}

t.test('bytes of a reply are lost or added where it is split', async t => {
  const head = 'HTTP/1.0 200 OK\r\nContent-Type: video/mp4; codecs="avc1"\r\nX-Empty:\r\n\r\n'
  for (const piece of [1, 2, 3, 7, 60, 1000]) {
    const endless = read(`${head}\r\n\r\nbody`, piece)
    t.same(endless, { statuses: [200], body: '\r\n\r\nbody', complete: false, mayEnd: true })
    const bounded = read(
      'HTTP/1.1 404 Not Found\r\ncontent-length:\t4\r\nContent-Length: 4\r\n\r\nbody and more',
      piece,
    )
    t.same(bounded, { statuses: [404], body: 'body', complete: true, mayEnd: true })
    const interim = read(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: a\r\n\r\n${head}body`, piece)
    t.same(interim, { statuses: [200], body: 'body', complete: false, mayEnd: true })
  }
})

t.test('a reply that is cut short is taken for a complete one', async t => {
  t.notOk(read('').mayEnd)
  t.notOk(read('HTTP/1.0 200 OK\r\n').mayEnd)
  t.notOk(read('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nbody').mayEnd)
  t.ok(read('HTTP/1.0 204 No Content\r\n\r\n').complete)
  t.ok(read('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n').complete)
})

t.test('what is no reply to this request is taken for video', async t => {
  const ok = 'HTTP/1.0 200 OK\r\n'
  const long = 'x'.repeat(17 * 1024)
  const wrong = {
    'a status line of another protocol': 'HTTP/2 200 OK\r\n\r\n',
    'no status': 'HTTP/1.0 OK\r\n\r\n',
    'a status that is none': 'HTTP/1.0 999 OK\r\n\r\n',
    'no HTTP at all': '\0\0\0\x1cftypiso5\r\n\r\n',
    'chunks, unasked': `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`,
    'two lengths': `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    'a list of lengths': `${ok}Content-Length: 4, 4\r\n\r\n`,
    'a negative length': `${ok}Content-Length: -1\r\n\r\n`,
    'a length beyond all numbers': `${ok}Content-Length: 99999999999999999999\r\n\r\n`,
    'a folded field': `${ok}X: a\r\n b\r\n\r\n`,
    'a space before the colon': `${ok}Content-Length : 4\r\n\r\n`,
    'a field without a colon': `${ok}Content-Length\r\n\r\n`,
    'a bare line feed': `${ok}X: a\nContent-Length: 4\r\n\r\n`,
    'a bare carriage return': `${ok}X: a\rb\r\n\r\n`,
    'a head without an end': `${ok}X: ${long}`,
    'a head that is too long': `${ok}X: ${long}\r\n\r\n`,
  }
  for (const [name, reply] of Object.entries(wrong))
    for (const piece of [reply.length, 1000])
      t.throws(() => read(reply, piece), { code: 'GO2RTC_MALFORMED', statusCode: 502 }, name)
})
