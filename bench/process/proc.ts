import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readContainer } from '../../src/memory/container.ts'
import { readProcess as readStatus } from '../../src/memory/process-reading.ts'
import { unreclaimable } from '../../src/memory/unreclaimable.ts'

/** A look at a process through /proc (Linux): megabytes, and seconds of CPU used so far. */
export interface Reading {
  /** What the kernel cannot take back, as the server itself counts it. */
  readonly unreclaimableMb: number
  readonly rssMb: number
  /** The largest RSS so far, as the kernel keeps it. */
  readonly peakMb: number
  /** Without mapped files: what the process itself has filled. */
  readonly anonMb: number
  readonly swapMb: number
  /** What its container takes, sockets included, without what the kernel can drop at once; `undefined` where nothing limits it. */
  readonly containerMb: number | undefined
  readonly cpuSeconds: number
}

/** Of the 128 MB of the compose file the container may take so much: the rest is for files that are read. */
export const CONTAINER_MB = 118

const MIB = 1024 * 1024
const TICKS_PER_SECOND = 100

/** Throws when the process is gone. */
export function readProcess(pid: number): Reading {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const container = readContainer('/sys/fs/cgroup', `/proc/${pid}/cgroup`)
  return {
    unreclaimableMb: unreclaimable(readStatus(`/proc/${pid}/status`), container) / MIB,
    rssMb: megabytes('VmRSS'),
    peakMb: megabytes('VmHWM'),
    anonMb: megabytes('RssAnon'),
    swapMb: megabytes('VmSwap'),
    containerMb: container?.limit === undefined ? undefined : (container.usage - container.reclaimable) / MIB,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  }
}

/** From now on `peakMb` is the largest RSS since now (proc_pid_clear_refs(5)). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** Seconds of CPU that all threads of a process have used, to the microsecond. Throws when the process is gone. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return nanoseconds / 1e9
}

/** Bytes that a process has had read from a disk so far, those of files that it has mapped included. */
export function bytesRead(pid: number): number {
  return Number(/^read_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1])
}
