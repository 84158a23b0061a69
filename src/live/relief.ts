import { type Audience, mostBacklogged } from './audience.ts'
import type { Gop } from './gop.ts'
import type { Tap } from './tap.ts'

/** What of a stream can be freed. */
export interface Relievable {
  readonly memory: { readonly free: number }
  readonly gop: Gop
  /** The sequence number of the first packet that is not to be sent yet. */
  readonly due: number
  /** Gives up the kept GOP. */
  dropGop(): void
  /** Lets go of what neither the kept GOP nor a viewer's cursor needs. */
  trim(): void
}

/**
 * Frees so many bytes of a stream, or as many as can be: first what only laggards need, then what taps can spare, the kept GOP, the
 * taps altogether, and what stalled writes hold.
 */
export function relieve(hub: Relievable, audience: Audience, taps: ReadonlySet<Tap>, bytes: number): void {
  const wanted = hub.memory.free + bytes
  const enough = () => hub.memory.free >= wanted
  skipBefore(hub, audience, hub.gop.start?.sequence ?? hub.due)
  relieveTaps(taps, enough)
  if (!enough() && hub.gop.start) hub.dropGop()
  if (!enough()) skipBefore(hub, audience, hub.due)
  for (const tap of [...taps]) if (!enough()) tap.giveUp(wanted - hub.memory.free)
  while (!enough()) {
    const worst = mostBacklogged(audience)
    if (!worst) return
    worst.end('evicted')
  }
}

/** Has taps free what they can spare, until `enough`. */
export function relieveTaps(taps: ReadonlySet<Tap>, enough: () => boolean): void {
  for (const tap of taps) if (!enough()) tap.relieve(enough)
}

/** Whoever has been sent all that is due stays where it is. */
function skipBefore(hub: Relievable, audience: Audience, sequence: number): void {
  audience.skipBefore(Math.min(sequence, hub.due))
  hub.trim()
}
