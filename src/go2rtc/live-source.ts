import type { LiveSource, Receiver } from '../live/camera/camera-connection.ts'
import { VARIANT_QUERY, type Variant } from '../live/camera/playable.ts'
import { UpstreamRefused } from '../live/errors.ts'
import { Get, type GetEvents } from './connection.ts'
import { withoutAddresses } from './without-addresses.ts'

const MAX_ERROR_BYTES = 512

/** go2rtc's endless `stream.mp4`: the query is rebuilt from the stream name and what it may give, nothing else. */
export function go2rtcSource(origin: URL): LiveSource {
  return {
    open(stream, variant, receiver) {
      const path = `/api/stream.mp4?src=${encodeURIComponent(stream)}${VARIANT_QUERY[variant as Variant]}`
      return new Get(origin, path, new Consumer(receiver))
    },
  }
}

/** Hands an upstream reply on, chunk by chunk. Silence is the hub's to notice. */
class Consumer implements GetEvents {
  readonly #receiver: Receiver
  #refusal: string | undefined

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  head(status: number): void {
    if (status !== 200) this.#refusal = status >= 500 || status === 404 ? '' : `go2rtc answered ${status}`
  }

  body(bytes: Uint8Array): void {
    if (this.#refusal === undefined) this.#receiver.data(bytes)
    else if (this.#refusal.length < MAX_ERROR_BYTES)
      this.#refusal += Buffer.from(bytes.subarray(0, MAX_ERROR_BYTES)).toString()
  }

  end(error?: Error): void {
    if (error || this.#refusal === undefined) this.#receiver.end(error)
    else
      this.#receiver.end(new UpstreamRefused(withoutAddresses(this.#refusal) || 'go2rtc refused the stream'))
  }
}
