import { getHeapSpaceStatistics } from 'node:v8'
import { type ContainerReading, readContainer } from './container.ts'
import type { EventLoopReading } from './event-loop.ts'
import { countDescriptors, countHandles } from './handles.ts'
import { readProcess } from './process-reading.ts'
import type { MemoryReading } from './unreclaimable.ts'

const MIB = 1024 * 1024

/** Megabytes (2^20 bytes) with one digit. */
export function megabytes(bytes: number): number {
  return Math.round((bytes / MIB) * 10) / 10
}

/** The figures that the API gives of the whole process. */
export function memoryFigures({ unreclaimable, rss, swap, virtual }: MemoryReading) {
  return {
    unreclaimable_mb: megabytes(unreclaimable),
    rss_mb: megabytes(rss),
    swap_mb: megabytes(swap),
    vms_mb: megabytes(virtual),
    uptime_hours: Math.round((process.uptime() / 3600) * 100) / 100,
  }
}

/** Where the memory of the process is, for an administrator. */
export function describeMemory(eventLoop: EventLoopReading) {
  const { heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const { minorPageFault, majorPageFault } = process.resourceUsage()
  const container = readContainer()
  return {
    anonymous_mb: megabytes(readProcess().anonymous),
    heap: {
      total_mb: megabytes(heapTotal),
      used_mb: megabytes(heapUsed),
      external_mb: megabytes(external),
      array_buffers_mb: megabytes(arrayBuffers),
      spaces: Object.fromEntries(
        getHeapSpaceStatistics().map(space => [
          space.space_name,
          { size_mb: megabytes(space.space_size), used_mb: megabytes(space.space_used_size) },
        ]),
      ),
    },
    container: container ? describeContainer(container) : null,
    page_faults: { minor: minorPageFault, major: majorPageFault },
    event_loop: {
      delay_mean_ms: rounded(eventLoop.meanMs),
      delay_p99_ms: rounded(eventLoop.p99Ms),
      delay_max_ms: rounded(eventLoop.maxMs),
      utilization: rounded(eventLoop.utilization),
    },
    handles: countHandles(),
    open_files: countDescriptors() ?? null,
  }
}

function describeContainer({ version, limit, usage, reclaimable, sockets, swap }: ContainerReading) {
  return {
    cgroup_version: version,
    limit_mb: limit === undefined ? null : megabytes(limit),
    usage_mb: megabytes(usage),
    reclaimable_mb: megabytes(reclaimable),
    sockets_mb: megabytes(sockets),
    swap_mb: megabytes(swap),
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
