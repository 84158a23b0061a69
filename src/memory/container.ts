import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The control group that this process is in, in bytes. What is not limited is `undefined`. */
export interface ContainerReading {
  readonly version: 1 | 2
  readonly limit: number | undefined
  /** With the page cache and what the kernel holds for it. */
  readonly usage: number
  /** The part of `usage` that the kernel can drop at once. */
  readonly reclaimable: number
  /** The part of `usage` that files back, whether in use or not. */
  readonly fileCache: number
  /** Buffers of sockets. They are part of `usage` in version 2 only. */
  readonly sockets: number
  readonly swap: number
}

type Read = (read: (name: string) => number | undefined, stat: (name: string) => number) => number

interface Layout {
  readonly version: 1 | 2
  readonly controller: string
  readonly folder: string
  readonly limit: string
  readonly usage: string
  /** The statistic that counts file pages, shared memory included. */
  readonly cache: string
  readonly sockets: Read
  readonly swap: Read
}

/** Kernel documentation: admin-guide/cgroup-v2 and cgroup-v1/memory. */
const LAYOUTS: readonly Layout[] = [
  {
    version: 2,
    controller: '',
    folder: '',
    limit: 'memory.max',
    usage: 'memory.current',
    cache: 'file',
    sockets: (_, stat) => stat('sock'),
    swap: read => read('memory.swap.current') ?? 0,
  },
  {
    version: 1,
    controller: 'memory',
    folder: 'memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    cache: 'cache',
    sockets: read => read('memory.kmem.tcp.usage_in_bytes') ?? 0,
    swap: (_, stat) => stat('swap'),
  },
]

/** Version 1 says "no limit" as the largest number of whole pages. */
const UNLIMITED = 2 ** 60

/** `undefined` where there are no control groups. `root` is where they are mounted. */
export function readContainer(
  root = '/sys/fs/cgroup',
  membership = '/proc/self/cgroup',
): ContainerReading | undefined {
  for (const layout of LAYOUTS) {
    const group = groupOf(membership, layout.controller)
    // Inside a container the path may be one that only the host can see: the mounted root is then the group.
    for (const path of new Set([group, '/'])) {
      const reading = readGroup(join(root, layout.folder, path), layout)
      if (reading) return reading
    }
  }
  return undefined
}

function readGroup(folder: string, layout: Layout): ContainerReading | undefined {
  const read = (name: string) => {
    const text = readText(join(folder, name))?.trim()
    return text === undefined || text === ''
      ? undefined
      : text === 'max'
        ? Number.POSITIVE_INFINITY
        : Number(text)
  }
  const usage = read(layout.usage)
  if (usage === undefined) return undefined
  const text = readText(join(folder, 'memory.stat')) ?? ''
  const stat = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  const limit = read(layout.limit)
  return {
    version: layout.version,
    limit: limit !== undefined && limit < UNLIMITED ? limit : undefined,
    usage,
    reclaimable: stat('inactive_file'),
    fileCache: Math.max(0, stat(layout.cache) - stat('shmem')),
    sockets: layout.sockets(read, stat),
    swap: layout.swap(read, stat),
  }
}

/** The path of this process in one hierarchy, from lines `id:controllers:path`. */
function groupOf(membership: string, controller: string): string {
  for (const line of (readText(membership) ?? '').split('\n')) {
    const [, controllers, ...path] = line.split(':')
    if (controllers?.split(',').includes(controller)) return path.join(':')
  }
  return '/'
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
