import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { CodedError } from '../errors.ts'
import type { ByteRange } from '../http/range.ts'
import { BudgetExhausted } from '../live/errors.ts'
import type { Hub } from '../live/hub.ts'
import type { Listener } from '../live/listener.ts'
import type { Packet } from '../live/memory/ring.ts'
import { Deliveries } from './delivery/deliveries.ts'
import { Waiting } from './delivery/waiting.ts'
import { HlsGone, HlsMistimed, HlsNotReady, HlsReloadTimeout, HlsWindowTooLarge } from './errors.ts'
import { HOLD_BACK } from './playlists/media-playlist.ts'
import { renderMultivariant } from './playlists/multivariant-playlist.ts'
import { Playlists } from './playlists/playlists.ts'
import { type Awaited, checkAwaited, isListed } from './playlists/reload.ts'
import { Backlog } from './recording/backlog.ts'
import type { Part } from './recording/part.ts'
import { PictureOrder } from './recording/picture-order.ts'
import { Recorder, type RecorderOptions } from './recording/recorder.ts'
import { startFrom } from './recording/start.ts'
import type { Timing } from './recording/timing.ts'
import type { Window } from './window/window.ts'

/** Whoever plays with low latency asks several times a second. */
const LOW_LATENCY_FOR_MS = 10_000

/** HLS of one hub: all of its players share its window, its playlists and its bytes. */
export class HlsStream implements Listener {
  /** Names this window in URIs: what is below it never changes. */
  readonly id = randomBytes(16).toString('base64url')
  readonly hub: Hub
  #lastAccess = performance.now()
  readonly #options: RecorderOptions
  readonly #detach: () => void
  readonly #onClose: (stream: HlsStream, error: CodedError) => void
  readonly #backlog = new Backlog()
  readonly #order = new PictureOrder()
  readonly #playlists: Playlists
  readonly #waiting = new Waiting()
  readonly #deliveries = new Deliveries()
  #recorder: Recorder | undefined
  /** When somebody asked last for what only low latency has (`performance.now()`). */
  #lowLatencyAt = Number.NEGATIVE_INFINITY
  #error: CodedError | undefined

  /** `onClose` is called once, with what is to be answered from then on. */
  constructor(hub: Hub, options: RecorderOptions, onClose: (stream: HlsStream, error: CodedError) => void) {
    this.hub = hub
    this.#playlists = new Playlists(this.id)
    this.#options = options
    this.#onClose = onClose
    this.#detach = hub.attach(this)
    for (let at = hub.media.gop.start; at; at = hub.media.ring.at(at.sequence + 1)) this.packet(at)
    this.flush()
  }

  /** When somebody asked last (`performance.now()`). */
  get lastAccess(): number {
    return this.#lastAccess
  }

  set lastAccess(at: number) {
    this.#lastAccess = this.hub.lastAccess = at
  }

  get closed(): boolean {
    return this.#error !== undefined
  }

  /** Until there is something to play, and while somebody plays with low latency. */
  get wantsEachBeat(): boolean {
    return (
      (this.window?.segments.length ?? 0) === 0 || performance.now() - this.#lowLatencyAt < LOW_LATENCY_FOR_MS
    )
  }

  get window(): Window | undefined {
    return this.#recorder?.window
  }

  get timing(): Timing | undefined {
    return this.#recorder?.timing
  }

  /** Resolves when there is a playlist; throws `HLS_NOT_READY` after `ms`, or why there will be none. */
  async ready(ms: number): Promise<void> {
    const isReady = () => this.#error !== undefined || (this.window?.segments.length ?? 0) > 0
    const inTime = await this.#waiting.until(isReady, ms)
    if (this.#error) throw this.#error
    if (!inTime || !isReady()) throw new HlsNotReady()
  }

  /**
   * Resolves when parts reach as far back as a player with low latency begins, or after twice as long as that takes. Where
   * hls.js has to begin in front of them, it loads none of them before the open segment is complete.
   */
  async readyForParts(signal: AbortSignal): Promise<void> {
    const isReady = () => this.#error !== undefined || this.#need().reachesHoldBack
    await this.#waiting.until(isReady, 2000 * HOLD_BACK * this.#need().timing.partSeconds, signal)
  }

  multivariant(uri: string): string {
    const { window, timing } = this.#need()
    return renderMultivariant(window, timing, uri)
  }

  plain(): string {
    return this.#playlists.plain(this.#need())
  }

  /** `skip` asks for a delta update. With `awaited` it waits until the playlist has that; throws `HLS_…` errors. */
  async lowLatency(awaited: Awaited | undefined, skip: boolean, signal?: AbortSignal): Promise<string> {
    const { window, timing } = this.#need()
    const isFirst = !this.wantsEachBeat
    this.#lowLatencyAt = performance.now()
    if (isFirst) this.hub.readNow()
    if (awaited) {
      checkAwaited(awaited, window, timing.partSeconds)
      const isDone = () => this.#error !== undefined || isListed(awaited, window)
      if (!(await this.#waiting.until(isDone, longestWait(timing), signal))) throw new HlsReloadTimeout()
    }
    return this.#playlists.lowLatency(this.#need(), skip)
  }

  /** A whole segment. Throws `HLS_GONE`. */
  segment(number: number): readonly Part[] {
    const segment = this.#need().window.find(number)
    if (!segment?.complete) throw new HlsGone()
    return segment.parts
  }

  /** A part; the one that is hinted at is waited for. Throws `HLS_GONE`. */
  async part(number: number, index: number, signal?: AbortSignal): Promise<readonly Part[]> {
    const { window, timing } = this.#need()
    const find = () => window.find(number)?.parts[index]
    if (number === window.openNumber && index === (window.open?.parts.length ?? 0)) {
      const isDone = () => this.#error !== undefined || !!find() || number < window.openNumber
      await this.#waiting.until(isDone, longestWait(timing), signal)
    }
    const part = this.#error ? undefined : find()
    if (!part) throw new HlsGone()
    return [part]
  }

  /** An init segment. Throws `HLS_GONE`. */
  map(number: number): Uint8Array {
    const map = this.#need().window.findMap(number)
    if (!map) throw new HlsGone()
    return map.bytes
  }

  /** Writes parts as the body of a response whose head is written, and holds them until it is through. */
  deliver(response: ServerResponse, parts: readonly Part[], range: ByteRange): void {
    this.#deliveries.add(response, parts, range)
  }

  /** Lets go of what was removed long enough ago. */
  expire(now: number): void {
    this.window?.expire(now)
  }

  close(error: CodedError = new HlsNotReady()): void {
    if (this.#error) return
    this.#error = error
    this.#detach()
    this.#backlog.clear()
    this.#recorder?.close()
    this.#recorder = undefined
    this.#playlists.clear()
    this.#deliveries.cancelAll()
    this.#waiting.releaseAll()
    this.#onClose(this, error)
  }

  packet(packet: Packet): void {
    if (this.#error) return
    const isPicture = packet.fragment.track.kind === 'video'
    if (isPicture && !this.#order.accepts(packet)) this.close(new HlsMistimed())
    else if (this.#recorder) this.#guarded(() => this.#recorder?.push(packet))
    else this.#backlog.push(packet)
  }

  flush(): void {
    if (this.#error) return
    if (this.#recorder) this.#recorder.flush()
    else this.#guarded(() => this.#start())
  }

  tracksChanged(): void {
    this.#backlog.clear()
    this.#guarded(() => this.#recorder?.changeTracks())
  }

  lost(error: CodedError): void {
    if (error instanceof BudgetExhausted) this.giveUp(0)
    else this.#waiting.releaseAll()
  }

  relieve(enough: () => boolean): void {
    const { window } = this
    if (!window) return
    window.shrink(enough)
    this.#playlists.clear()
    if (!enough()) this.#deliveries.cancelStale(window)
  }

  giveUp(missing: number): void {
    const { used, limit } = this.hub.media.budget
    const kib = (bytes: number) => Math.ceil(bytes / 1024)
    this.close(new HlsWindowTooLarge(kib(used + missing), kib(limit)))
  }

  hubClosed(): void {
    this.close()
  }

  /** Begins to record once there is enough to know how. */
  #start(): void {
    const { primary, tracks, gop } = this.hub.media
    const { packets } = this.#backlog
    const start = startFrom(packets, primary, tracks, gop.lastSeconds)
    if (!start) return
    const recorder = new Recorder(this.hub, start, this.#options, () => this.#changed())
    // Making room for it may have ended all this.
    if (this.#error) {
      recorder.close()
      return
    }
    this.#recorder = recorder
    recorder.begin(start, packets)
    this.#backlog.clear()
    this.#changed()
  }

  #changed(): void {
    if (this.#recorder) this.#playlists.changed(this.#recorder)
    this.#waiting.wake()
  }

  /** What does not fit into memory ends this stream's HLS, not the hub. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error
      this.giveUp(0)
    }
  }

  #need(): Recorder {
    if (this.#error) throw this.#error
    if (!this.#recorder) throw new HlsNotReady()
    this.lastAccess = performance.now()
    return this.#recorder
  }
}

/** In milliseconds. */
function longestWait({ targetDuration }: Timing): number {
  return 3000 * targetDuration
}
