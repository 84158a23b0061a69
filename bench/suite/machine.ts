import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { cc, nginx } from '../../test/support/tools.ts'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly memoryGb: number
  readonly kernel: string
  readonly node: string
  readonly nginx: string
  readonly cc: string
  readonly commit: string
  /** Of the minute before. */
  readonly load: number
}

/** Where and with what a measurement is made. */
export function describeMachine(): Machine {
  const [first] = cpus()
  const version = (command: string, option: string) => {
    const output = execFileSync('sh', ['-c', `"${command}" ${option} 2>&1`], { encoding: 'utf8' })
    return output.split('\n')[0]!.replace('nginx version: ', '')
  }
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    node: process.version,
    nginx: version(nginx(), '-v'),
    cc: version(cc(), '--version'),
    commit: commit(),
    load: Math.round(loadavg()[0]! * 100) / 100,
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return JSON.parse(readFileSync('package.json', 'utf8')).version as string
  }
}
