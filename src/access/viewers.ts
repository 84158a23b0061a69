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
  #stands: (viewer: Viewer) => Promise<boolean> = async () => true
  #closed = false

  get size(): number {
    return this.#running.size
  }

  /** How many there are of each kind. */
  countByKind(): Partial<Record<Viewer['kind'], number>> {
    const counts: Partial<Record<Viewer['kind'], number>> = {}
    for (const { kind } of this.#running) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  /** How to ask whether a viewer's rights hold now. */
  checkWith(stands: (viewer: Viewer) => Promise<boolean>): void {
    this.#stands = stands
  }

  /** Rights that were taken away between the access check and this call end the viewer too, and so does the server's end. */
  add(viewer: Viewer): () => void {
    this.#running.add(viewer)
    const end = (reason: EndReason) => this.endWhere(running => running === viewer, reason)
    if (this.#closed) queueMicrotask(() => end('shutdown'))
    else
      this.#stands(viewer).then(
        stands => stands || end('revoked'),
        () => end('revoked'),
      )
    return () => {
      this.#running.delete(viewer)
    }
  }

  /** Those that run now. */
  running(): readonly Viewer[] {
    return [...this.#running]
  }

  /** Ends all, and from now on whoever still comes: a request that was let in before may begin only now. */
  close(): void {
    this.#closed = true
    this.endWhere(() => true, 'shutdown')
  }

  /** Ends the viewers that match; returns how many. */
  endWhere(matches: (viewer: Viewer) => boolean, reason: EndReason): number {
    let ended = 0
    for (const viewer of this.running()) {
      if (!matches(viewer)) continue
      this.#running.delete(viewer)
      viewer.end(reason)
      ended++
    }
    return ended
  }
}
