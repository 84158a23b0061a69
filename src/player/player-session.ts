import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { EndReason } from '../access/viewers.ts'
import { CodedError } from '../errors.ts'
import { later } from '../ledger/timers.ts'
import { websocket } from '../live/framing.ts'
import type { LiveStreams } from '../live/live-streams.ts'
import { playableFrom } from '../live/playable.ts'
import type { EndCause } from '../live/sink.ts'
import { type Watching, watch } from '../live/watch.ts'
import { POLICY_VIOLATION, SERVICE_RESTART, TRY_AGAIN_LATER } from './close-codes.ts'
import { readMessage, writeMessage } from './message.ts'
import type { Relay, RelayClient } from './relay.ts'

export interface PlayerSessionOptions {
  readonly live: LiveStreams
  readonly stream: string
  /** Opens the way to go2rtc for what the hub does not serve. */
  readonly relay: (client: RelayClient) => Relay
  readonly webrtc: boolean
}

const CLOSE_CODES: Readonly<Record<EndReason, number>> = {
  revoked: POLICY_VIOLATION,
  shutdown: SERVICE_RESTART,
  displaced: TRY_AGAIN_LATER,
}

/** After a close frame the connection is given so long before it is cut, in milliseconds. */
const CLOSE_MS = 500

const MAX_TYPE = 32
/** Messages beside media that may wait for a peer to read them: one that asks on and reads nothing is cut off. */
const MAX_UNREAD = 256
/** Requests for media that may wait for an answer. */
const MAX_SEARCHES = 8

const REFUSALS: Readonly<Record<string, string>> = {
  webrtc: 'WebRTC is off on this server',
  hls: 'ask for /api/camera/<id>/stream.m3u8',
  message: 'not a message of this protocol',
}

/**
 * One player on go2rtc's WebSocket protocol: MSE comes from the hub, written straight into the socket as whole
 * frames; other kinds are relayed or refused in go2rtc's own words.
 */
export class PlayerSession {
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #options: PlayerSessionOptions
  #watching: Watching | undefined
  #relay: Relay | undefined
  /** Counts what was asked for, so that a slow answer to an earlier request is dropped. */
  #request = 0
  #searches = 0
  #unread = 0
  #alive = true

  /** `socket` is the connection under `ws`. */
  constructor(ws: WebSocket, socket: Socket, options: PlayerSessionOptions) {
    this.#ws = ws
    this.#socket = socket
    this.#options = options
    ws.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(String(data))
    })
    ws.on('ping', data => this.#say(sent => ws.pong(data, false, sent)))
    ws.on('pong', () => {
      this.#alive = true
    })
    ws.on('close', () => this.#release())
    ws.on('error', () => ws.terminate())
  }

  /** Ends a peer that did not answer the last ping; else pings it. */
  ping(): void {
    if (this.#alive) this.#ws.ping()
    else this.#ws.terminate()
    this.#alive = false
  }

  end(reason: EndReason): void {
    this.#close(CLOSE_CODES[reason], reason)
  }

  #receive(text: string): void {
    const { type, value } = readMessage(text) ?? { type: 'message', value: '' }
    if (type === 'mse') this.#startMse(value).catch(error => this.#refuse('mse', sentence(error)))
    else if (type === 'mjpeg') this.#relayed().send(text)
    else if (type.startsWith('webrtc') && this.#options.webrtc) this.#relayed().send(text)
    else this.#refuse(type.slice(0, MAX_TYPE), REFUSALS[type.split('/')[0]!] ?? 'not supported')
  }

  async #startMse(codecs: string): Promise<void> {
    if (this.#searches >= MAX_SEARCHES) return this.#refuse('mse', 'earlier requests are not answered yet')
    const request = ++this.#request
    const { live, stream } = this.#options
    this.#searches++
    const hub = await live.find(stream, playableFrom(codecs)).finally(() => this.#searches--)
    if (request !== this.#request || this.#ws.readyState !== this.#ws.OPEN) return
    this.#betweenMessages(() => {
      this.#watching?.close()
      this.#ws.send(writeMessage('mse', hub.mimeType))
      this.#watching = watch(live, hub, this.#socket, {
        framing: websocket,
        plainVideo: false,
        onEnd: cause => this.#hubEnded(cause),
      })
    })
  }

  #hubEnded(cause: EndCause): void {
    if (cause === 'stalled' || cause === 'evicted') this.#ws.terminate()
    else this.#close(SERVICE_RESTART, cause)
  }

  #relayed(): Relay {
    this.#relay ??= this.#options.relay({
      text: text => this.#send(text),
      picture: bytes => this.#sendPicture(bytes),
      end: () => {
        this.#relay = undefined
      },
    })
    return this.#relay
  }

  /** A picture stands alone: one that would have to wait is left out. */
  #sendPicture(bytes: Buffer): void {
    if (this.#watching || this.#socket.writableLength > 0) return
    this.#ws.send(bytes)
  }

  #refuse(type: string, why: string): void {
    this.#send(writeMessage('error', `${type}: ${why}`))
  }

  #send(text: string): void {
    this.#say(sent => this.#betweenMessages(() => this.#ws.send(text, sent)))
  }

  /** `speak` calls what it is given when the system has taken the message. */
  #say(speak: (sent: () => void) => void): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (this.#unread >= MAX_UNREAD) this.#ws.terminate()
    else {
      this.#unread++
      speak(() => this.#unread--)
    }
  }

  #betweenMessages(task: () => void): void {
    if (this.#watching) this.#watching.betweenMessages(task)
    else task()
  }

  #close(code: number, reason: string): void {
    this.#release()
    this.#ws.close(code, reason)
    later(CLOSE_MS, () => this.#ws.terminate())
  }

  #release(): void {
    this.#request++
    this.#watching?.close()
    this.#watching = undefined
    this.#relay?.close()
    this.#relay = undefined
  }
}

function sentence(error: unknown): string {
  return error instanceof CodedError ? error.message : 'internal error'
}
