import type { Dispatcher, Pool } from 'undici'
import type { LiveSource, Receiver } from '../live/camera-connection.ts'
import { UpstreamRefused } from '../live/errors.ts'
import { VARIANT_QUERY, type Variant } from '../live/playable.ts'
import { buffersDropped } from '../memory/dropped-buffers.ts'
import { Go2rtcUnreachable } from './errors.ts'
import { withoutAddresses } from './without-addresses.ts'

const MAX_ERROR_BYTES = 512

/** go2rtc's endless `stream.mp4`: the query is rebuilt from the stream name and what it may give, nothing else. */
export function go2rtcSource(pool: Pool): LiveSource {
  return {
    open(stream, variant, receiver) {
      const consumer = new Consumer(receiver)
      const path = `/api/stream.mp4?src=${encodeURIComponent(stream)}${VARIANT_QUERY[variant as Variant]}`
      pool.dispatch({ method: 'GET', path, headers: { accept: '*/*' }, bodyTimeout: 0 }, consumer)
      return consumer
    },
  }
}

/** Hands an upstream reply on, chunk by chunk. Silence is the hub's to notice. */
class Consumer implements Dispatcher.DispatchHandler {
  readonly #receiver: Receiver
  #controller: Dispatcher.DispatchController | undefined
  #refusal: string | undefined
  #closed = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  close(): void {
    this.#closed = true
    this.#controller?.abort(new Error('closed'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#closed) controller.abort(new Error('closed'))
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number): void {
    if (statusCode !== 200)
      this.#refusal = statusCode >= 500 || statusCode === 404 ? '' : `go2rtc answered ${statusCode}`
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#closed) return
    if (this.#refusal === undefined) {
      this.#receiver.data(chunk)
      buffersDropped(chunk.length)
    } else if (this.#refusal.length < MAX_ERROR_BYTES)
      this.#refusal += chunk.toString('utf8', 0, MAX_ERROR_BYTES)
  }

  onResponseEnd(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#refusal === undefined) this.#receiver.end()
    else
      this.#receiver.end(new UpstreamRefused(withoutAddresses(this.#refusal) || 'go2rtc refused the stream'))
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver.end(new Go2rtcUnreachable(withoutAddresses(error.message)))
  }
}
