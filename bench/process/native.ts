import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cc } from '../../test/support/tools.ts'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))
const BUILT = join(tmpdir(), 'camgate-bench-native')

export type NativeProgram = 'camera' | 'drain' | 'floor'

/** The path of `bench/<program>.c`, compiled unless it has been as it is now. Throws a sentence when `cc` is missing. */
export function native(program: NativeProgram): string {
  const source = join(SOURCES, `${program}.c`)
  const text = [source, join(SOURCES, 'socket.h')].map(path => readFileSync(path))
  const digest = createHash('sha256').update(Buffer.concat(text)).digest('hex').slice(0, 12)
  const path = join(BUILT, `${program}-${digest}`)
  if (existsSync(path)) return path
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
