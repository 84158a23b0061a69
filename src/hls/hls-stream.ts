import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../clips/range.ts'
import type { CodedError } from '../errors.ts'
import type { Track } from '../fmp4/init-segment.ts'
import { BudgetExhausted } from '../live/errors.ts'
import type { Hub } from '../live/hub.ts'
import type { Packet } from '../live/packet.ts'
import type { Tap } from '../live/tap.ts'
import { Delivery } from './delivery.ts'
import { HlsGone, HlsNotReady, HlsReloadTimeout, HlsWindowTooLarge } from './errors.ts'
import { leadIn } from './lead-in.ts'
import { MediaMap } from './media-map.ts'
import { renderLowLatency, renderPlain } from './media-playlist.ts'
import { renderMultivariant } from './multivariant-playlist.ts'
import type { Part } from './part.ts'
import { Claim, type Position } from './position.ts'
import { type Awaited, checkAwaited, isListed } from './reload.ts'
import { Segmenter } from './segmenter.ts'
import { type Start, startFrom } from './start.ts'
import { HlsTimeline } from './timeline.ts'
import type { Timing } from './timing.ts'
import { Waiting } from './waiting.ts'
import { Window } from './window.ts'

interface Running {
  readonly timing: Timing
  readonly window: Window
  timeline: HlsTimeline
  segmenter: Segmenter
  readonly claim: Claim
}

export interface HlsStreamOptions {
  /** How many a playlist lists. */
  readonly segments: number
  /** Where earlier windows of the stream have got to. */
  readonly position: Position
  /** Told where the next window would go on. */
  readonly keep: (position: Position) => void
}

/** HLS of one hub: all of its players share its window, its playlists and its bytes. */
export class HlsStream implements Tap {
  /** Names this window in URIs: what is below it never changes. */
  readonly id = randomBytes(16).toString('base64url')
  readonly hub: Hub
  lastAccess = Date.now()
  readonly #options: HlsStreamOptions
  readonly #detach: () => void
  readonly #onClose: (stream: HlsStream, error: CodedError) => void
  readonly #waiting = new Waiting()
  readonly #deliveries = new Set<Delivery>()
  #kept: Packet[] = []
  #running: Running | undefined
  #maps = 0
  #segmentEnded = false
  /** While kept packets are gone through: the wall clock at zero of the timeline. */
  #replayedFrom: number | undefined
  #error: CodedError | undefined
  readonly #rendered = new Map<'plain' | 'low latency' | 'delta', string>()

  /** `onClose` is called once, with what is to be answered from then on. */
  constructor(hub: Hub, options: HlsStreamOptions, onClose: (stream: HlsStream, error: CodedError) => void) {
    this.hub = hub
    this.#options = options
    this.#onClose = onClose
    this.#detach = hub.attach(this)
    for (let at = hub.gopStart; at; at = hub.ring.at(at.sequence + 1)) this.packet(at)
    this.flush()
  }

  get closed(): boolean {
    return this.#error !== undefined
  }

  get window(): Window | undefined {
    return this.#running?.window
  }

  get timing(): Timing | undefined {
    return this.#running?.timing
  }

  /** Resolves when there is a playlist; throws `HLS_NOT_READY` after `ms`, or why there will be none. */
  async ready(ms: number): Promise<void> {
    const isReady = () => this.#error !== undefined || (this.#running?.window.segments.length ?? 0) > 0
    const inTime = await this.#waiting.until(isReady, ms)
    if (this.#error) throw this.#error
    if (!inTime || !isReady()) throw new HlsNotReady()
  }

  multivariant(uri: string): string {
    const { window, timing } = this.#need()
    return renderMultivariant(window, timing, uri)
  }

  plain(): string {
    return this.#render('plain', running => renderPlain(running.window, this.#playlistOptions(running)))
  }

  /** `skip` asks for a delta update. With `awaited` it waits until the playlist has that; throws `HLS_…` errors. */
  async lowLatency(awaited: Awaited | undefined, skip: boolean, signal?: AbortSignal): Promise<string> {
    const { window, timing } = this.#need()
    if (awaited) {
      checkAwaited(awaited, window, timing.partSeconds)
      const isDone = () => this.#error !== undefined || isListed(awaited, window)
      if (!(await this.#waiting.until(isDone, 3000 * timing.targetDuration, signal)))
        throw new HlsReloadTimeout()
    }
    return this.#render(skip ? 'delta' : 'low latency', running =>
      renderLowLatency(running.window, this.#playlistOptions(running), skip),
    )
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
      await this.#waiting.until(isDone, 3000 * timing.targetDuration, signal)
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
    this.#deliveries.add(new Delivery(response, parts, range, delivery => this.#deliveries.delete(delivery)))
  }

  /** Lets go of what was removed long enough ago. */
  expire(now: number): void {
    this.#running?.window.expire(now)
  }

  close(error: CodedError = new HlsNotReady()): void {
    if (this.#error) return
    this.#error = error
    this.#detach()
    this.#letGo()
    for (const delivery of [...this.#deliveries]) delivery.cancel()
    this.#waiting.releaseAll()
    this.#onClose(this, error)
  }

  packet(packet: Packet): void {
    if (this.#error) return
    if (this.#running) this.#guarded(() => this.#running!.segmenter.push(packet))
    else if (this.#kept.length > 0 || packet.startsGop) {
      packet.hold()
      this.#kept.push(packet)
    }
  }

  flush(): void {
    if (this.#error) return
    if (this.#running) {
      if (this.#segmentEnded) this.#running.window.compact()
      this.#segmentEnded = false
      return
    }
    const { primary, tracks, gop } = this.hub
    const start = startFrom(this.#kept, primary, tracks, gop.lastSeconds)
    if (start) this.#guarded(() => this.#start(start))
  }

  tracksChanged(): void {
    this.#guarded(() => {
      const running = this.#running
      if (!running) return this.#forgetKept()
      running.segmenter.cut()
      const end = running.window.next.seconds
      running.window.changeMap(this.#makeMap(), Date.now())
      this.#cutOn(running, end)
    })
  }

  lost(error: CodedError): void {
    if (error instanceof BudgetExhausted) this.giveUp(0)
    else this.#waiting.releaseAll()
  }

  relieve(enough: () => boolean): void {
    const window = this.#running?.window
    if (!window) return
    window.shrink(Date.now(), enough)
    this.#rendered.clear()
    if (!enough()) this.#cancelStale(window)
  }

  giveUp(missing: number): void {
    const { used, limit } = this.hub.memory
    const kib = (bytes: number) => Math.ceil(bytes / 1024)
    this.close(new HlsWindowTooLarge(kib(used + missing), kib(limit)))
  }

  hubClosed(): void {
    this.close()
  }

  #start({ timing, kept, leadIn: leadInSeconds, leadInPieces, cut }: Start): void {
    const { tracks, primary, memory } = this.hub
    const { targetDuration } = timing
    const { position, keep } = this.#options
    const begin = position.seconds
    const window = new Window(this.#makeMap(), {
      segments: this.#options.segments,
      targetDuration,
      position,
    })
    const timeline = new HlsTimeline(primary, tracks.length, begin + leadInSeconds, timing.frameSeconds)
    const running: Running = {
      timing,
      window,
      timeline,
      segmenter: this.#segmenterOf(timing, timeline, leadInPieces),
      claim: new Claim(timing.segmentSeconds, keep),
    }
    running.claim.advance(window.next)
    this.#running = running
    const first = this.#kept[0]!
    const beginOf = (track: Track) => {
      const next = this.#kept.find(({ fragment }) => fragment.track.index === track.index)
      return timeline.wouldBe(next?.decodeTime ?? this.hub.endOf(track), track, first)
    }
    this.#replayedFrom = Date.now() - (begin + leadInSeconds + kept) * 1000
    const still = { begin, seconds: leadInSeconds, pieces: leadInPieces }
    for (const part of leadIn(first, tracks, still, beginOf, memory)) {
      if (this.#error) part.drop()
      else window.addWhole(part, this.#dateAtEnd(part))
    }
    for (const packet of this.#kept) if (!this.#error) running.segmenter.push(packet)
    this.#replayedFrom = undefined
    if (this.#error) return
    this.#forgetKept()
    if (cut) running.segmenter.cut()
    this.#waiting.wake()
  }

  /** Goes on after the tracks have changed. */
  #cutOn(running: Running, start: number): void {
    const { sequence } = running.segmenter
    const { primary, tracks } = this.hub
    running.segmenter.close()
    running.timeline = new HlsTimeline(primary, tracks.length, start, running.timing.frameSeconds)
    running.segmenter = this.#segmenterOf(running.timing, running.timeline, sequence)
  }

  #segmenterOf(timing: Timing, timeline: HlsTimeline, sequence: number): Segmenter {
    return new Segmenter(this.hub.primary, timing, timeline, sequence, this.hub.memory, {
      part: part => {
        // Making room for its header may have ended all this.
        if (!this.#running) return part.drop()
        this.#running.window.add(part, this.#dateAtEnd(part))
        this.#changed()
      },
      segmentEnd: () => {
        if (!this.#running) return
        const { window, claim } = this.#running
        window.endSegment(Date.now())
        claim.advance(window.next)
        this.#segmentEnded = true
        this.#changed()
      },
    })
  }

  #dateAtEnd({ start, seconds }: Part): number {
    return this.#replayedFrom === undefined ? Date.now() : this.#replayedFrom + (start + seconds) * 1000
  }

  #makeMap(): MediaMap {
    return new MediaMap(this.#maps++, this.hub.init!, this.hub.memory)
  }

  #changed(): void {
    this.#rendered.clear()
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

  /** Clients that are still busy with what the window has let go of. */
  #cancelStale(window: Window): void {
    const there = new Set(
      [...window.segments, ...(window.open ? [window.open] : [])].flatMap(one => one.parts),
    )
    for (const delivery of [...this.#deliveries])
      if (!delivery.parts.every(part => there.has(part))) delivery.cancel()
  }

  #forgetKept(): void {
    for (const packet of this.#kept) packet.drop()
    this.#kept = []
  }

  #letGo(): void {
    this.#forgetKept()
    if (this.#running) this.#options.keep(this.#running.window.next)
    this.#running?.segmenter.close()
    this.#running?.window.close()
    this.#running = undefined
    this.#rendered.clear()
  }

  #need(): Running {
    if (this.#error) throw this.#error
    if (!this.#running) throw new HlsNotReady()
    this.lastAccess = this.hub.lastAccess = Date.now()
    return this.#running
  }

  #render(kind: 'plain' | 'low latency' | 'delta', render: (running: Running) => string): string {
    const running = this.#need()
    let text = this.#rendered.get(kind)
    if (text === undefined) {
      text = render(running)
      this.#rendered.set(kind, text)
    }
    return text
  }

  #playlistOptions({ timing: { targetDuration, partSeconds } }: Running) {
    return { folder: this.id, targetDuration, partSeconds }
  }
}
