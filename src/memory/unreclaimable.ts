import { type ContainerReading, readContainer } from './container.ts'
import { type ProcessReading, readProcess } from './process-reading.ts'

/** Bytes that the kernel cannot take back: what fills a machine. Pages of files are the page cache's and come and go. */
export interface MemoryLoad {
  readonly unreclaimable: number
  readonly rss: number
  readonly swap: number
}

export function readLoad(process = readProcess(), container = readContainer()): MemoryLoad {
  return { unreclaimable: unreclaimable(process, container), rss: process.rss, swap: process.swap }
}

/**
 * Where a control group limits the process, what counts against that limit: its usage less its file cache. Elsewhere the
 * group may hold other programs, and the anonymous and shared memory of this process counts. The kernel's buffers of sockets
 * count in both.
 */
export function unreclaimable(process: ProcessReading, container: ContainerReading | undefined): number {
  const own = process.anonymous + process.shared
  if (!container) return own || process.rss
  const { limit, usage, fileCache, sockets, version } = container
  if (limit === undefined) return own + sockets
  return usage - fileCache + (version === 1 ? sockets : 0)
}
