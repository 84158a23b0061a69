import t from 'tap'
import { Connections, MOST_LATE } from '../../src/http/connections.ts'

class FakeSocket {
  readonly remoteAddress: string
  destroyed = false
  readonly #closed: (() => void)[] = []

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  once(_event: 'close', run: () => void): void {
    this.#closed.push(run)
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    for (const run of this.#closed) run()
  }
}

t.test('one address takes the connections of all', async t => {
  const limit = 256
  const connections = new Connections(limit, () => false)
  const accept = (remoteAddress: string) => {
    const socket = new FakeSocket(remoteAddress)
    connections.accept(socket as never)
    return socket
  }
  const greedy = Array.from({ length: 2 * limit }, () => accept('203.0.113.1'))
  const kept = greedy.filter(socket => !socket.destroyed).length
  t.equal(kept, limit - limit / 8)
  const second = Array.from({ length: 2 * limit }, () => accept('2001:db8::1'))
  t.equal(second.filter(socket => !socket.destroyed).length, limit / 2, 'half of them for each of two')
  t.equal(greedy.filter(socket => !socket.destroyed).length, limit / 2)
  const neighbour = accept('198.51.100.7')
  t.notOk(neighbour.destroyed)
  t.notOk(connections.isLate(neighbour as never))
  for (const socket of [...greedy, ...second, neighbour]) socket.destroy()
  t.equal(connections.open, 0)
})

t.test('an address beyond the limit that has no connection gets no answer', async t => {
  const connections = new Connections(4, address => address === '10.0.0.1')
  const accept = (remoteAddress: string) => {
    const socket = new FakeSocket(remoteAddress)
    connections.accept(socket as never)
    return socket
  }
  const proxied = Array.from({ length: 4 }, () => accept('10.0.0.1'))
  t.ok(
    proxied.every(socket => !socket.destroyed),
    'what many share is bounded by the limit alone',
  )
  const late = accept('203.0.113.1')
  t.ok(connections.isLate(late as never) && !late.destroyed)
  const others = Array.from({ length: MOST_LATE }, () => accept('10.0.0.1'))
  t.ok(late.destroyed, 'the one that came first goes for the next')
  t.ok(others.every(socket => !socket.destroyed && connections.isLate(socket as never)))
  proxied[0]!.destroy()
  t.notOk(connections.isLate(accept('203.0.113.1') as never))
})
