import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cc } from '../../test/support/tools.ts'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))
const BUILT = join(tmpdir(), 'camgate-bench-native')

export type NativeProgram = 'camera' | 'drain' | 'floor'

/** The path of `bench/<program>.c`, compiled unless it has been since it changed. Throws a sentence when `cc` is missing. */
export function native(program: NativeProgram): string {
  const source = join(SOURCES, `${program}.c`)
  const path = join(BUILT, program)
  const changed = Math.max(changedAt(source), changedAt(join(SOURCES, 'socket.h')))
  if (changedAt(path) > changed) return path
  mkdirSync(BUILT, { recursive: true })
  const fresh = `${path}.${process.pid}`
  try {
    execFileSync(cc(), ['-O2', '-Wall', '-Wextra', '-Werror', '-o', fresh, source], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    renameSync(fresh, path)
  } finally {
    rmSync(fresh, { force: true })
  }
  return path
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
