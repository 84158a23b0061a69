import type { Share } from '../shares/share.ts'
import { type Identity, ownerOf } from './identity.ts'

/** `displaced`: others have less, and nothing else is free. */
export type EndReason = 'revoked' | 'shutdown' | 'displaced'

/** `mp4` and `websocket` are live video; `media` is what has an end, such as clips. */
export type ViewerKind = 'websocket' | 'mp4' | 'hls' | 'mjpeg' | 'media' | 'events'

/** One running stream of whatever kind (WebSocket, endless reply, event stream) and how to end it. */
export interface Viewer {
  readonly identity: Identity
  readonly kind: ViewerKind
  /** Frigate camera name, where the stream is of one camera. */
  readonly camera?: string
  /** go2rtc stream name, where the stream is live video. */
  readonly stream?: string
  end(reason: EndReason): void
}

/** What users share of viewers of a kind; a kind without one is bounded elsewhere. */
export type ViewerShares = Partial<Readonly<Record<ViewerKind, Share>>>

/**
 * Everything that is running on somebody's authority. A route adds itself when it starts to stream and calls
 * the returned release on every way out; revocation and shutdown end what they must from here.
 */
export class Viewers {
  /** Each with what gives its share back. */
  readonly #running = new Map<Viewer, (() => void) | undefined>()
  readonly #shares: ViewerShares
  #stands: (viewer: Viewer) => Promise<boolean> = async () => true
  #closed = false

  constructor(shares: ViewerShares) {
    this.#shares = shares
  }

  get size(): number {
    return this.#running.size
  }

  /** How many there are of each kind. */
  countByKind(): Partial<Record<ViewerKind, number>> {
    const counts: Partial<Record<ViewerKind, number>> = {}
    for (const { kind } of this.#running.keys()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  /** How to ask whether a viewer's rights hold now. */
  checkWith(stands: (viewer: Viewer) => Promise<boolean>): void {
    this.#stands = stands
  }

  /** Throws what `add` would for want of room, before anything is begun. */
  admit(identity: Identity, kind: ViewerKind): void {
    this.#shares[kind]?.admit(ownerOf(identity))
  }

  /**
   * Rights that were taken away between the access check and this call end the viewer too, and so does the server's end. Throws
   * where its owner has their part of what there is.
   */
  add(viewer: Viewer): () => void {
    const end = (reason: EndReason) => this.endWhere(running => running === viewer, reason)
    const { identity, kind } = viewer
    const release = this.#shares[kind]?.take(ownerOf(identity), 1, () => end('displaced'))
    this.#running.set(viewer, release)
    if (this.#closed) queueMicrotask(() => end('shutdown'))
    else
      this.#stands(viewer).then(
        stands => stands || end('revoked'),
        () => end('revoked'),
      )
    return () => this.#forget(viewer)
  }

  /** Those that run now. */
  running(): readonly Viewer[] {
    return [...this.#running.keys()]
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
      this.#forget(viewer)
      viewer.end(reason)
      ended++
    }
    return ended
  }

  #forget(viewer: Viewer): void {
    this.#running.get(viewer)?.()
    this.#running.delete(viewer)
  }
}
