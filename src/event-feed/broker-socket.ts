import { connect, isIP, type Socket } from 'node:net'
import tls from 'node:tls'
import { MqttPackets } from './mqtt-packets.ts'

/** A connection to a broker (`mqtt:`, `mqtts:`) that ends at a packet that is too large. */
export function brokerSocket(broker: URL): Socket {
  const socket = open(broker)
  const packets = new MqttPackets()
  socket.on('data', (chunk: Buffer) => {
    try {
      packets.push(chunk)
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  return socket
}

function open({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'mqtt:') return connect({ host, port: Number(port || 1883) })
  return tls.connect({ host, port: Number(port || 8883), servername: isIP(host) ? '' : host })
}
