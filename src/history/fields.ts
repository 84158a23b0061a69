/** What is sampled, in this order. */
export const FIELDS = [
  'unreclaimable_mb',
  'rss_mb',
  'swap_mb',
  'heap_mb',
  'external_mb',
  'container_mb',
  'sockets_mb',
  'live_mb',
  'streams',
  'viewers',
  'loop_p99_ms',
  'loop_utilization',
] as const
export type Field = (typeof FIELDS)[number]
export type Sample = Readonly<Record<Field, number>>
