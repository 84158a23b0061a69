import { manualFanOut, sendBy } from '../support/live.ts'

/** What holds for viewers who are written to one by one holds for those who are sent to in one call. */
sendBy(manualFanOut)
await import('./hub.test.ts')
await import('./joined.test.ts')
await import('./limits.test.ts')
await import('./squeeze.test.ts')
