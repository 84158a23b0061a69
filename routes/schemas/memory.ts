import { Type } from 'typebox'

/** Megabytes are of 2^20 bytes. */
export const MemoryFigures = Type.Object({
  unreclaimable_mb: Type.Number({ description: 'What the kernel cannot take back: the watchdog goes by it' }),
  rss_mb: Type.Number({ description: 'Resident memory, with the pages of files that the kernel may drop' }),
  swap_mb: Type.Number(),
  vms_mb: Type.Number(),
  uptime_hours: Type.Number(),
})
