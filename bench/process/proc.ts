import { readFileSync } from 'node:fs'

/** A look at a process through /proc (Linux): megabytes, and seconds of CPU used so far. */
export interface Reading {
  readonly rssMb: number
  /** Without mapped files: what the process itself has filled. */
  readonly anonMb: number
  readonly swapMb: number
  readonly cpuSeconds: number
}

const TICKS_PER_SECOND = 100

/** Throws when the process is gone. */
export function readProcess(pid: number): Reading {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    rssMb: megabytes('VmRSS'),
    anonMb: megabytes('RssAnon'),
    swapMb: megabytes('VmSwap'),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  }
}
