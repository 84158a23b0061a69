import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'

/** Node's own headers, where its packages and images have them. */
const HEADERS = join(dirname(process.execPath), '..', 'include', 'node')

/** Compiles a Node-API addon of one C file. Throws when there is no C compiler, or no headers. */
export function compileAddon(source: string, target: string, compiler = process.env.CC ?? 'cc'): void {
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-isystem', HEADERS]
  execFileSync(compiler, [...flags, '-o', target, source], { stdio: 'pipe' })
}
