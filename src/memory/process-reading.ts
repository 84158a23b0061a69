import { readFileSync } from 'node:fs'

/** What the kernel says of this process, in bytes. Elsewhere than on Linux only `rss` is known. */
export interface ProcessReading {
  readonly rss: number
  /** Address space, most of it never touched. */
  readonly virtual: number
  readonly swap: number
  /** The part of `rss` that no file backs. */
  readonly anonymous: number
  /** The part of `rss` that processes share and no file backs. */
  readonly shared: number
}

const KIB = 1024

export function readProcess(path = '/proc/self/status'): ProcessReading {
  let status: string
  try {
    status = readFileSync(path, 'utf8')
  } catch {
    return { rss: process.memoryUsage.rss(), virtual: 0, swap: 0, anonymous: 0, shared: 0 }
  }
  const bytes = (name: string) => {
    const at = status.indexOf(`\n${name}:`)
    return at < 0 ? 0 : Number.parseInt(status.slice(at + name.length + 2), 10) * KIB
  }
  return {
    rss: bytes('VmRSS'),
    virtual: bytes('VmSize'),
    swap: bytes('VmSwap'),
    anonymous: bytes('RssAnon'),
    shared: bytes('RssShmem'),
  }
}
