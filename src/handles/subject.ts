/** What a path handle opens. */
export interface Subject {
  readonly kind: 'live' | 'clip' | 'recording'
  /** Tells subjects of one kind apart: a stream name, an event id, a camera and a span of time. */
  readonly id: string
  /** The Frigate camera that its holder must be allowed to see; without one, everything they could see at first. */
  readonly camera?: string | undefined
}
