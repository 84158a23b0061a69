/** admission/: which hubs there are, which of them serves a viewer, and who is let in. */
import { sameTracks } from '../../fmp4/init/init-segment.ts'
import { canPlay, familyOf, type Playable, reachesFurther, type Variant } from '../camera/playable.ts'
import { NotPlayable, ShuttingDown, TooManyStreams } from '../errors.ts'
import type { Hub } from '../hub.ts'

export interface Totals {
  received: number
  dropped: number
  skips: number
}

export interface HubsOptions {
  readonly maxStreams: number
  /** How long `hold` keeps a stream warm, in milliseconds. */
  readonly holdMs: number
}

/** The hubs that there are, at most one for each set of tracks of a stream, and what those that are gone have counted. */
export class Hubs {
  readonly #options: HubsOptions
  readonly #make: (stream: string, variant: Variant) => Hub
  readonly #byStream = new Map<string, Set<Hub>>()
  /** Streams that are kept warm although nobody watches, each until a time of its own. */
  readonly #heldUntil = new Map<string, number>()
  readonly #gone: Totals = { received: 0, dropped: 0, skips: 0 }
  #closed = false

  constructor(options: HubsOptions, make: (stream: string, variant: Variant) => Hub) {
    this.#options = options
    this.#make = make
  }

  *all(): Generator<Hub> {
    for (const hubs of this.#byStream.values()) yield* hubs
  }

  /** The hubs of one stream as they are now, each with tracks of its own. */
  of(stream: string): readonly Hub[] {
    return [...(this.#byStream.get(stream) ?? [])]
  }

  get totals(): Totals {
    const totals = { ...this.#gone }
    for (const hub of this.all()) addTotals(totals, hub)
    return totals
  }

  /**
   * Opens a hub. Where there are as many as there may be, one that nobody watches gives way, and only where there is no such one it
   * throws a `LIVE_…` error. It throws if all are closed for good as well.
   */
  open(stream: string, variant: Variant): Hub {
    if (this.#closed) throw new ShuttingDown()
    const { maxStreams } = this.#options
    const all = [...this.all()]
    if (all.length >= maxStreams) {
      const unwatched = all.filter(hub => !hub.inUse && hub.state !== 'connecting')
      const spared = unwatched.find(hub => !this.isHeld(hub.stream)) ?? unwatched[0]
      if (!spared) throw new TooManyStreams(maxStreams)
      this.remove(spared)
    }
    const hub = this.#make(stream, variant)
    const hubs = this.#byStream.get(stream)
    if (hubs) hubs.add(hub)
    else this.#byStream.set(stream, new Set([hub]))
    return hub
  }

  remove(hub: Hub): void {
    const hubs = this.#byStream.get(hub.stream)
    if (hubs?.delete(hub)) {
      if (hubs.size === 0) this.#byStream.delete(hub.stream)
      addTotals(this.#gone, hub)
    }
    hub.close()
  }

  hold(stream: string, now = performance.now()): void {
    this.#heldUntil.set(stream, now + this.#options.holdMs)
  }

  release(stream: string): void {
    this.#heldUntil.delete(stream)
  }

  isHeld(stream: string): boolean {
    return this.#heldUntil.has(stream)
  }

  expireHolds(now: number): void {
    for (const [stream, until] of this.#heldUntil) if (until <= now) this.#heldUntil.delete(stream)
  }

  /** Closes all hubs, and opens no more. */
  close(): void {
    this.#closed = true
    for (const hub of [...this.all()]) this.remove(hub)
  }

  /**
   * Finds or opens the hub whose tracks a viewer can play, asking go2rtc for one set of tracks after another. Throws a
   * `LIVE_…` error if there is none, or what the upstream said. `admit` throws what keeps the viewer out.
   */
  async find(stream: string, playable: Playable, admit: () => void): Promise<Hub> {
    const tried = new Set<Variant>()
    for (;;) {
      admit()
      const connecting = this.of(stream).filter(hub => hub.state === 'connecting')
      if (connecting.length > 0) await Promise.allSettled(connecting.map(hub => hub.ready()))
      const known = this.of(stream).filter(hub => hub.media.init && hub.state !== 'closed')
      const pictures = known.some(hasVideo)
      const fit = known.find(
        hub =>
          canPlay(playable, hub.media.init!) && (hasVideo(hub) || !pictures) && !wantsMore(playable, hub),
      )
      if (fit?.fault) throw fit.fault
      if (fit) return fit
      const variant = nextVariant(playable, known, tried)
      if (!variant)
        throw new NotPlayable(known.flatMap(hub => hub.media.tracks.map(track => track.codec)).join(', '))
      tried.add(variant)
      await this.#ask(stream, variant)
    }
  }

  /** Asks go2rtc for a set of tracks. A hub that turns out to have those of another one is given up. */
  async #ask(stream: string, variant: Variant): Promise<void> {
    const hub = this.of(stream).find(hub => hub.asked.has(variant)) ?? this.open(stream, variant)
    try {
      await hub.ready()
    } catch (error) {
      // One with a fault stays, so that not everybody who asks makes the camera try again.
      if (!hub.fault && !hub.inUse && !this.isHeld(stream)) this.remove(hub)
      throw error
    }
    const { init } = hub.media
    const twin = this.of(stream).find(
      other => other !== hub && other.media.init && init && sameTracks(other.media.init, init),
    )
    if (!twin) return
    for (const asked of hub.asked) twin.asked.add(asked)
    this.remove(hub)
  }
}

/** True if asking go2rtc for what this viewer can play could give sound where the hub has none. */
function wantsMore(playable: Playable, hub: Hub): boolean {
  if (hub.media.tracks.some(track => track.kind === 'audio')) return false
  const wanted = playable.variants[0]!
  return [...hub.asked].every(asked => reachesFurther(wanted, asked))
}

function hasVideo(hub: Hub): boolean {
  return hub.media.tracks.some(track => track.kind === 'video')
}

/** What to ask for next: nothing with H.265 in it for a viewer that cannot play the H.265 that was found. */
function nextVariant(
  playable: Playable,
  known: readonly Hub[],
  tried: ReadonlySet<Variant>,
): Variant | undefined {
  const unplayable = known.some(hub =>
    hub.media.tracks.some(track => track.kind === 'video' && !playable.families.has(familyOf(track.codec)!)),
  )
  return playable.variants.find(variant => !tried.has(variant) && (!unplayable || variant === 'h264'))
}

function addTotals(totals: Totals, { media, drops }: Hub): void {
  totals.received += media.received
  totals.dropped += drops.bytes
  totals.skips += drops.skips
}
