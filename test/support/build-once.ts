import { execFileSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = ['{app,server}.ts', '{src,plugins,routes,build}/**/*', 'package.json', 'package-lock.json']
/** The program, and the compile cache that the build fills last. */
const BUILT = ['dist/server.js', 'dist/compile-cache']

/** Makes `dist/` if it is older than what it is made of. Runs as a process under a lock: see `built-server.ts`. */
function buildOnce(): void {
  const newest = Math.max(...SOURCES.flatMap(pattern => globSync(pattern, { cwd: ROOT })).map(modified))
  if (BUILT.every(path => modified(path) > newest)) return
  execFileSync(process.execPath, ['build/build.ts'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** In milliseconds since the epoch; 0 for what is not there. */
function modified(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

buildOnce()
