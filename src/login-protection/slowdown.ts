/** How an attempt that is not known to come from the owner is slowed by the failures before it. */
export interface Slowdown {
  /** So many failures cost nothing. */
  readonly free: number
  /** The longest pause, in milliseconds. */
  readonly longestMs: number
}

const FIRST_PAUSE_MS = 1000

/** The pause after the last of `failures`, in milliseconds: a second, and with each further failure twice as long. */
export function pauseAfter(failures: number, { free, longestMs }: Slowdown): number {
  if (failures < free) return 0
  return Math.min(longestMs, FIRST_PAUSE_MS * 2 ** Math.min(failures - free, 30))
}
