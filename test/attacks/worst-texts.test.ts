import t from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { atLeast, calibrate } from '../support/delay-calibration.ts'
import { delayProbe } from '../support/delay-probe.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { startSlowFrigate } from '../support/slow-frigate.ts'
import { until } from '../support/until.ts'

/** As long as Node takes heads. */
const HEAD_BYTES = 15_000
const BODY_BYTES = 60_000

/** What expressions repeat, begin and backtrack over. */
const PIECES = [
  ...[
    '?',
    '%',
    '%7',
    '&',
    ';',
    '=',
    '/',
    '..',
    '-',
    ':',
    '@',
    ',',
    '"',
    '\\"',
    ' ',
    '\t',
    'a',
    'a.',
    'aA0',
    '1-',
  ],
  ...[
    'token=',
    '?token',
    '%74',
    'hls/',
    'eyJ',
    'eyJa.',
    'cgp_',
    'bearer ',
    'bytes=',
    'W/"',
    '://',
    'lookup ',
  ],
]
const worst = (bytes: number) =>
  PIECES.flatMap(piece => {
    const text = piece.repeat(Math.floor(bytes / piece.length))
    return [text, `a${text}\x7f`]
  })
const IN_HEAD = worst(HEAD_BYTES)

/** Headers that the server reads. */
const HEADERS = [
  ...['authorization', 'referer', 'origin', 'user-agent', 'x-forwarded-for'],
  ...['if-none-match', 'range', 'last-event-id'],
]

/** Where a client may put a text, as whole requests. */
const PLACES: Readonly<Record<string, (token: string) => string[]>> = {
  'a path': token => IN_HEAD.map(text => get(`/api/events/${encodeURI(text)}`.slice(0, HEAD_BYTES), token)),
  'a path as it is': token => IN_HEAD.map(text => get(`/${text.replace(/[\s\x7f]/g, '+')}`, token)),
  'a query': token =>
    IN_HEAD.map(text => get(`/api/events?cameras=${text.replace(/[\s#\x7f]/g, '+')}`, token)),
  'a token in a query': token =>
    IN_HEAD.map(text => get(`/api/events/stream?token=${text.replace(/[\s#\x7f]/g, '+')}`, token)),
  ...Object.fromEntries(
    HEADERS.map(name => [
      name,
      (token: string) =>
        IN_HEAD.map(text => get('/api/events', `${token}${name}: ${text.replace(/\x7f/g, '!').trim()}\r\n`)),
    ]),
  ),
  ...Object.fromEntries(
    ['username', 'password'].map(name => [
      `a ${name}`,
      () =>
        worst(BODY_BYTES).map(text => {
          const body = JSON.stringify({ username: 'x', password: 'x', [name]: text.slice(0, BODY_BYTES / 2) })
          const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
          return get('/api/auth/login', head).replace('GET', 'POST') + body
        }),
    ]),
  ),
}

t.test('a text of the worst letters holds up others, wherever a client puts it', async t => {
  const unit = await calibrate(t)
  const frigate = await startSlowFrigate(t, async () => '[]')
  const { port, pid, admin, crashed } = await startBuiltHouse(t, {
    FRIGATE_HOST: frigate.origin,
    LOG_LEVEL: 'debug',
    API_REQUESTS_PER_MINUTE: '100000000',
    REQUEST_TIMEOUT_SECONDS: '5',
  })
  const probe = await delayProbe(t, { port, pid })
  const token = `authorization: Bearer ${admin.token}\r\n`
  /** Each on a connection of its own, some at a time. */
  const send = async (requests: readonly string[]) => {
    for (let i = 0; i < requests.length; i += 4) {
      const clients = requests.slice(i, i + 4).map(request => new RawClient(t, port).send(request))
      await until(() => clients.every(client => client.closed || client.statuses.length > 0))
      answered += clients.filter(client => client.statuses.length > 0).length
      for (const { socket } of clients) socket.destroy()
    }
  }
  let answered = 0
  for (const [place, requestsWith] of Object.entries(PLACES)) {
    const requests = requestsWith(token)
    answered = 0
    const longest = await atLeast(unit / 2, () => probe.during(() => send(requests)))
    t.ok(answered >= requests.length / 2, `${place}: ${answered} answers`)
    t.ok(longest < unit / 2, `${place}: others wait ${longest.toFixed(1)} ms of ${(unit / 2).toFixed(1)}`)
  }
  t.notOk(crashed())
})
