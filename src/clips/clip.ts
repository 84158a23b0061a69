import type { Forwarding, PulledBody } from '../upstream/media.ts'

/** Of which event, and from when to when, in epoch seconds. */
export interface ClipOwner {
  readonly id: string
  readonly camera: string
  readonly startTime: number
  /** `null` while it goes on. */
  readonly endTime: number | null
}

/** What the clips ask of Frigate. */
export interface ClipUpstream {
  /** Whether clips have a length and take Range by themselves. */
  takesRanges(): Promise<boolean>
  /** Frigate's own answer. */
  forward(id: string): Forwarding
  /** Whether what `open` gives from now on is all that there will ever be. */
  isFinal(owner: ClipOwner, signal: AbortSignal): Promise<boolean>
  /** The clip from its start; `length` in bytes where Frigate says it. */
  open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly body: PulledBody; readonly length: number | undefined }>
}
