import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { MqttPackets } from '../../src/event-feed/mqtt-packets.ts'
import { MqttSource } from '../../src/event-feed/mqtt-source.ts'
import { until } from '../support/until.ts'

/** A packet of this type, with so many bytes behind its header. */
function packet(type: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let left = body.length; length.length === 0 || left > 0; left = Math.floor(left / 128))
    length.push((left % 128) | (left >= 128 ? 0x80 : 0))
  return Buffer.concat([Buffer.from([type << 4, ...length]), body])
}

t.test('packets must be told apart however they are split', t => {
  const sizes = [0, 1, 127, 128, 300, 16_384, 200_000]
  const all = Buffer.concat(sizes.map(size => packet(3, Buffer.alloc(size, 0xff))))
  const large = Buffer.from([0x30, 0x80, 0x80, 0x40])
  for (const size of [1, 2, 3, 7, 1000, 70_000]) {
    const packets = new MqttPackets()
    const push = (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += size) packets.push(bytes.subarray(at, at + size))
    }
    push(all)
    t.throws(() => push(large), { code: 'MQTT_PACKET_TOO_LARGE' }, `1 MB, ${size} bytes at once`)
  }
  t.throws(() => new MqttPackets().push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])), {
    code: 'MQTT_PACKET_TOO_LARGE',
  })
  t.end()
})

t.test('a broker that sends a packet of 200 MB must be left, and an ordinary one heard', async t => {
  let sent = 0
  let greeted = ''
  const sockets: Socket[] = []
  const broker = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    socket.once('data', hello => {
      greeted += hello.toString('latin1')
      socket.write(packet(2, Buffer.from([0, 0])))
      socket.once('data', ([, , high = 0, low = 0]: Buffer) =>
        socket.write(packet(9, Buffer.from([high, low, 0]))),
      )
    })
  })
  broker.listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const source = new MqttSource(
    new URL(`mqtt://us%2Fer:p%40ss@127.0.0.1:${(broker.address() as AddressInfo).port}`),
    'frigate',
  )
  t.teardown(() => {
    source.stop()
    for (const socket of sockets) socket.destroy()
    broker.close()
  })
  const told: string[] = []
  const states: boolean[] = []
  source.start({
    change: ({ event }) => told.push(event.id),
    connected: connected => states.push(connected),
  })
  await until(() => states.includes(true))
  t.match(greeted, 'us/er', 'the login is decoded')
  t.match(greeted, 'p@ss')
  const [socket] = sockets
  const topic = Buffer.from('\0\x0efrigate/events')
  const after = { id: '1.5-a', camera: 'Door', label: 'person', start_time: 1, end_time: null }
  socket!.write(packet(3, Buffer.concat([topic, Buffer.from(JSON.stringify({ type: 'new', after }))])))
  await until(() => told.includes('1.5-a'))

  socket!.write(Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]))
  const chunk = Buffer.alloc(65_536)
  const send = () => {
    while (!socket!.destroyed && sent < 200_000_000 && socket!.write(chunk)) sent += chunk.length
  }
  socket!.on('drain', send)
  send()
  await until(() => socket!.destroyed)
  t.ok(sent < 32_000_000, `${sent} bytes`)
  t.equal(states.at(-1), false)
})
