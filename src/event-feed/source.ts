import type { Change } from './change.ts'

export interface SourceListener {
  change(change: Change): void
  /** Whether what happens now is told, or may be missed. */
  connected(connected: boolean): void
}

/** Where changes come from. It goes on connecting until it is stopped. */
export interface Source {
  start(listener: SourceListener): void
  stop(): void
}
