import type { Identity } from './identity.ts'

export type EndReason = 'revoked' | 'shutdown'

/** One running stream of whatever kind (WebSocket, endless reply, event stream) and how to end it. */
export interface Viewer {
  readonly identity: Identity
  readonly kind: 'websocket' | 'mp4' | 'hls' | 'mjpeg' | 'events'
  /** Frigate camera name, where the stream is of one camera. */
  readonly camera?: string
  /** go2rtc stream name, where the stream is live video. */
  readonly stream?: string
  end(reason: EndReason): void
}

/**
 * Everything that is running on somebody's authority. A route adds itself when it starts to stream and calls
 * the returned release on every way out; revocation and shutdown end what they must from here.
 */
export class Viewers {
  readonly #running = new Set<Viewer>()

  get size(): number {
    return this.#running.size
  }

  add(viewer: Viewer): () => void {
    this.#running.add(viewer)
    return () => {
      this.#running.delete(viewer)
    }
  }

  /** Ends the viewers that match; returns how many. */
  endWhere(matches: (viewer: Viewer) => boolean, reason: EndReason): number {
    let ended = 0
    for (const viewer of [...this.#running]) {
      if (!matches(viewer)) continue
      this.#running.delete(viewer)
      viewer.end(reason)
      ended++
    }
    return ended
  }
}
