import type { Forwarding, PulledBody } from '../upstream/media.ts'

/** Of which event; `ended`: the clip will not grow any more. */
export interface ClipOwner {
  readonly id: string
  readonly ended: boolean
}

/** What the clips ask of Frigate. */
export interface ClipUpstream {
  /** Whether clips have a length and take Range by themselves. */
  takesRanges(): Promise<boolean>
  /** Frigate's own answer. */
  forward(id: string): Forwarding
  /** The clip from its start; `length` in bytes where Frigate says it. */
  open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly body: PulledBody; readonly length: number | undefined }>
}
