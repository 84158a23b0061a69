import { Type } from 'typebox'

/** Megabytes are of 2^20 bytes. */
export const MemoryFigures = Type.Object({
  rss_mb: Type.Number(),
  vms_mb: Type.Number(),
  swap_mb: Type.Number(),
  uptime_hours: Type.Number(),
})
