import { sameTracks } from '../fmp4/init-segment.ts'
import { NotPlayable } from './errors.ts'
import type { Hub } from './hub.ts'
import { canPlay, familyOf, type Playable, reachesFurther, type Variant } from './playable.ts'

/** Where hubs are found, opened and given up. */
interface Registry {
  hubsOf(stream: string): readonly Hub[]
  isHeld(stream: string): boolean
  open(stream: string, variant: Variant): Hub
  remove(hub: Hub): void
  /** Throws what keeps one more viewer out, if anything does. */
  admit(): void
}

/**
 * Finds or opens the hub whose tracks a viewer can play, asking go2rtc for one set of tracks after another. Throws a `LIVE_…`
 * error if there is none, or what the upstream said.
 */
export async function findHub(registry: Registry, stream: string, playable: Playable): Promise<Hub> {
  const tried = new Set<Variant>()
  for (;;) {
    registry.admit()
    const connecting = registry.hubsOf(stream).filter(hub => hub.state === 'connecting')
    if (connecting.length > 0) await Promise.allSettled(connecting.map(hub => hub.ready()))
    const known = registry.hubsOf(stream).filter(hub => hub.init && hub.state !== 'closed')
    const pictures = known.some(hasVideo)
    const fit = known.find(
      hub => canPlay(playable, hub.init!) && (hasVideo(hub) || !pictures) && !wantsMore(playable, hub),
    )
    if (fit) return fit
    const variant = nextVariant(playable, known, tried)
    if (!variant) throw new NotPlayable(known.flatMap(hub => hub.tracks.map(track => track.codec)).join(', '))
    tried.add(variant)
    await ask(registry, stream, variant)
  }
}

/** Asks go2rtc for a set of tracks; a hub that turns out to have those of another one is given up. */
async function ask(registry: Registry, stream: string, variant: Variant): Promise<void> {
  const existing = registry.hubsOf(stream).find(hub => hub.asked.has(variant))
  const hub = existing ?? registry.open(stream, variant)
  try {
    await hub.ready()
  } catch (error) {
    if (!hub.inUse && !registry.isHeld(stream)) registry.remove(hub)
    throw error
  }
  const twin = registry
    .hubsOf(stream)
    .find(other => other !== hub && other.init && hub.init && sameTracks(other.init, hub.init))
  if (!twin) return
  for (const asked of hub.asked) twin.asked.add(asked)
  registry.remove(hub)
}

/** True if asking go2rtc for what this viewer can play could give sound where the hub has none. */
function wantsMore(playable: Playable, hub: Hub): boolean {
  if (hub.tracks.some(track => track.kind === 'audio')) return false
  const wanted = playable.variants[0]!
  return [...hub.asked].every(asked => reachesFurther(wanted, asked))
}

function hasVideo(hub: Hub): boolean {
  return hub.tracks.some(track => track.kind === 'video')
}

/** What to ask for next: nothing with H.265 in it for a viewer that cannot play the H.265 that was found. */
function nextVariant(
  playable: Playable,
  known: readonly Hub[],
  tried: ReadonlySet<Variant>,
): Variant | undefined {
  const unplayable = known.some(hub =>
    hub.tracks.some(track => track.kind === 'video' && !playable.families.has(familyOf(track.codec)!)),
  )
  return playable.variants.find(variant => !tried.has(variant) && (!unplayable || variant === 'h264'))
}
