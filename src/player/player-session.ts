import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { EndReason } from '../access/viewers.ts'
import { CodedError } from '../errors.ts'
import { later } from '../ledger/timers.ts'
import type { LiveStreams } from '../live/admission/live-streams.ts'
import { type Playable, playableFrom } from '../live/camera/playable.ts'
import type { Hub } from '../live/hub.ts'
import type { ByteBudget } from '../live/memory/budget.ts'
import { websocket } from '../live/timeline/framing.ts'
import type { EndCause } from '../live/viewers/sink.ts'
import { type Watching, watch } from '../live/viewers/watch.ts'
import { Backlog } from './backlog.ts'
import { POLICY_VIOLATION, SERVICE_RESTART, TRY_AGAIN_LATER } from './close-codes.ts'
import { AskedTooOften } from './errors.ts'
import { readMessage, writeMessage } from './message.ts'
import type { Tunnel, TunnelClient } from './tunnel.ts'

export interface PlayerSessionOptions {
  readonly live: LiveStreams
  readonly stream: string
  /** Opens the way to go2rtc for what the hub does not serve; throws if there is no room for one more. */
  readonly tunnel: (client: TunnelClient) => Tunnel
  /** What the pictures of all players take that are on their way to them. */
  readonly pictures: ByteBudget
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
const MAX_BACKLOG_BYTES = 64 * 1024
/** Requests for media that may wait for an answer. */
const MAX_SEARCHES = 8
/** Requests for media that go through a tunnel: each is a consumer in go2rtc until the tunnel ends. */
const MAX_CONSUMERS = 4
const OPEN_CONSUMERS: ReadonlySet<string> = new Set(['mjpeg', 'webrtc', 'webrtc/offer'])

const REFUSALS: Readonly<Record<string, string>> = {
  webrtc: 'WebRTC is off on this server',
  hls: 'ask for /api/camera/<id>/stream.m3u8',
  message: 'not a message of this protocol',
}

/**
 * One player on go2rtc's WebSocket protocol: MSE comes from the hub, written straight into the socket as whole
 * frames; other kinds go through a tunnel or are refused in go2rtc's own words.
 */
export class PlayerSession {
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #options: PlayerSessionOptions
  #watching: Watching | undefined
  #tunnel: Tunnel | undefined
  /** Opened through the tunnel. */
  #consumers = 0
  /** Counts what was asked for, so that a slow answer to an earlier request is dropped. */
  #request = 0
  #searches = 0
  readonly #backlog = new Backlog(MAX_BACKLOG_BYTES)
  #alive = true

  /** `socket` is the connection under `ws`. */
  constructor(ws: WebSocket, socket: Socket, options: PlayerSessionOptions) {
    this.#ws = ws
    this.#socket = socket
    this.#options = options
    ws.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(data as Buffer)
    })
    ws.on('ping', data => this.#count(data.length, sent => ws.pong(data, false, sent)))
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

  #receive(message: Buffer): void {
    const { type, value } = readMessage(String(message)) ?? { type: 'message', value: '' }
    if (type === 'mse')
      this.#startMse(playableFrom(value)).catch(error => this.#refuse('mse', sentence(error)))
    else if (type === 'mjpeg' || (type.startsWith('webrtc') && this.#options.webrtc))
      this.#pass(type, message)
    else this.#refuse(type, REFUSALS[type.split('/')[0]!] ?? 'not supported')
  }

  async #startMse(playable: Playable): Promise<void> {
    if (this.#searches >= MAX_SEARCHES) return this.#refuse('mse', 'earlier requests are not answered yet')
    const request = ++this.#request
    const { live, stream } = this.#options
    this.#searches++
    const hub = await live.find(stream, playable).finally(() => this.#searches--)
    if (request !== this.#request) return
    const answer = writeMessage('mse', hub.media.mimeType)
    this.#say(answer, () => {
      this.#watching?.close()
      this.#watching = watch(live, hub, this.#socket, {
        framing: websocket,
        plainVideo: false,
        onEnd: cause => this.#hubEnded(cause, hub),
      })
    })
  }

  #hubEnded(cause: EndCause, hub: Hub): void {
    if (hub.fault) this.#refuse('mse', hub.fault.message)
    if (cause === 'stalled' || cause === 'evicted') this.#ws.terminate()
    else if (cause === 'unplayable') this.#close(TRY_AGAIN_LATER, cause)
    else this.#close(SERVICE_RESTART, cause)
  }

  #pass(type: string, message: Buffer): void {
    const opens = OPEN_CONSUMERS.has(type)
    try {
      if (opens && this.#consumers >= MAX_CONSUMERS) throw new AskedTooOften()
      this.#tunnel ??= this.#options.tunnel({
        text: text => this.#say(text),
        picture: bytes => this.#sendPicture(bytes),
        end: () => this.#forgetTunnel(),
      })
      if (opens) this.#consumers++
      this.#tunnel.send(message)
    } catch (error) {
      this.#refuse(type, sentence(error))
    }
  }

  #forgetTunnel(): void {
    this.#tunnel = undefined
    this.#consumers = 0
  }

  /** A picture stands alone: one that would have to wait is left out. */
  #sendPicture(bytes: Buffer): void {
    const { pictures } = this.#options
    if (this.#watching || this.#socket.writableLength > 0 || !pictures.takeFree(bytes.length)) return
    this.#ws.send(bytes, () => pictures.give(bytes.length))
  }

  #refuse(type: string, why: string): void {
    this.#say(writeMessage('error', `${type.slice(0, MAX_TYPE)}: ${why}`))
  }

  /** Sends a text message between those of media; `then` runs when it is on its way. */
  #say(text: Buffer, then?: () => void): void {
    this.#count(text.length, sent =>
      this.#betweenMessages(() => {
        this.#ws.send(text, { binary: false }, sent)
        then?.()
      }),
    )
  }

  /** `send` calls what it is given when the system has taken the message. */
  #count(length: number, send: (sent: () => void) => void): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    const sent = this.#backlog.add(length)
    if (sent) send(sent)
    else this.#ws.terminate()
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
    this.#tunnel?.close()
    this.#forgetTunnel()
  }
}

function sentence(error: unknown): string {
  return error instanceof CodedError ? error.message : 'internal error'
}
