import type { MqttClient } from 'mqtt'
import { brokerSocket } from './broker-socket.ts'
import { readChange } from './change.ts'
import type { Source, SourceListener } from './source.ts'

const RECONNECT_MS = 5000

/** Frigate's topic `<prefix>/events` at a broker. The package is loaded when somebody listens, and not before. */
export class MqttSource implements Source {
  readonly #broker: URL
  readonly #topic: string
  #client: MqttClient | undefined
  #run = 0

  constructor(broker: URL, prefix: string) {
    this.#broker = broker
    this.#topic = `${prefix}/events`
  }

  start(listener: SourceListener): void {
    void this.#connect(listener, ++this.#run)
  }

  stop(): void {
    this.#run++
    this.#client?.end(true)
    this.#client = undefined
  }

  async #connect(listener: SourceListener, run: number): Promise<void> {
    const { default: mqtt } = await import('mqtt')
    if (run !== this.#run) return
    const { username, password } = this.#broker
    const client = new mqtt.MqttClient(() => brokerSocket(this.#broker), {
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: RECONNECT_MS,
      clean: true,
      queueQoSZero: false,
      resubscribe: false,
    })
    this.#client = client
    client.on('error', () => {})
    client.on('close', () => listener.connected(false))
    client.on('connect', () => {
      client.subscribe(this.#topic, { qos: 0 }, error => listener.connected(!error))
    })
    client.on('message', (topic, payload) => {
      if (topic !== this.#topic) return
      const change = readChange(payload.toString())
      if (change) listener.change(change)
    })
  }
}
