import { type ContainerReading, readContainer } from './container.ts'
import { type ProcessReading, readProcess } from './process-reading.ts'

/** The three figures that are told everywhere, and the address space, in bytes. */
export interface MemoryReading {
  /** What the kernel cannot take back: what fills a machine. Pages of files are the page cache's and come and go. */
  readonly unreclaimable: number
  readonly rss: number
  readonly swap: number
  /** The part of `rss` that files back. */
  readonly files: number
  /** Address space, most of it never touched. */
  readonly virtual: number
}

export function readMemory(process = readProcess(), container = readContainer()): MemoryReading {
  const { rss, swap, virtual, anonymous, shared } = process
  const files = Math.max(0, rss - (anonymous + shared || rss))
  return { unreclaimable: unreclaimable(process, container), rss, swap, files, virtual }
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
