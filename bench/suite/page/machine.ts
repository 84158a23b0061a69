import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { cc, nginx } from '../../../test/support/tools.ts'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly memoryGb: number
  readonly kernel: string
  /** What was measured, and what with, by version. */
  readonly programs: readonly string[]
  /** Ends in `-dirty` where files differ from it. */
  readonly commit: string
  /** Of the minute before. */
  readonly load: number
}

/** Where and with what a measurement is made. */
export function describeMachine(): Machine {
  const [first] = cpus()
  const { GO2RTC_BIN, MEDIAMTX_BIN } = process.env
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    programs: [
      `Node ${process.version}`,
      firstLine(nginx(), '-v').replace('nginx version: ', ''),
      firstLine(cc(), '--version'),
      ...(GO2RTC_BIN ? [firstLine(GO2RTC_BIN, '--version')] : []),
      ...(MEDIAMTX_BIN ? [`MediaMTX ${firstLine(MEDIAMTX_BIN, '--version')}`] : []),
    ],
    commit: commit(),
    load: Math.round(loadavg()[0]! * 100) / 100,
  }
}

function firstLine(command: string, option: string): string {
  return execFileSync('sh', ['-c', `"${command}" ${option} 2>&1`], { encoding: 'utf8' })
    .split('\n')[0]!
    .trim()
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
  } catch {
    return JSON.parse(readFileSync('package.json', 'utf8')).version as string
  }
}
