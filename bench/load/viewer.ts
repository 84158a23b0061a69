import type { Meter } from './meter.ts'

/** One simulated viewer. */
export interface Viewer {
  readonly meter: Meter
  /** When it began to connect, on `performance.now()`'s clock. */
  readonly startedAt: number
  /** Why it is over, when it is: a WebSocket close code, an HTTP status or an error code. */
  readonly ended: string | undefined
  /** Takes nothing more, and stays connected. */
  stall(): void
  close(): void
}
