import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A connection that sends what it is told and keeps what it is sent, whatever the server does to it. Ended with the test. */
export class RawClient {
  readonly socket: Socket
  received = ''
  closed = false

  constructor(t: Test, port: number, address = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress: address })
    this.socket.setNoDelay(true)
    this.socket.on('data', chunk => {
      this.received += chunk.toString('latin1')
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
    })
    t.teardown(() => this.socket.destroy())
  }

  async connected(): Promise<this> {
    if (this.socket.connecting)
      await new Promise<void>(resolve => {
        this.socket.once('connect', resolve).once('close', () => resolve())
      })
    return this
  }

  send(text: string): this {
    this.socket.write(text)
    return this
  }

  /** Takes nothing from now on. */
  stall(): this {
    this.socket.pause()
    return this
  }

  /** The status of each answer so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }
}

/** One request as it goes over the wire. */
export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: camgate\r\n${headers}\r\n`
}
