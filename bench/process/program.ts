import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A copy of Node that no other process has mapped, or it would stay in the page cache; on the disk that the built server is on. */
export async function ownNode() {
  const parent = join(ROOT, '.bench')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'node-'))
  const path = join(folder, 'node')
  await copyFile(process.execPath, path)
  return { path, stop: () => rm(folder, { recursive: true }) }
}

/** The files of the built server: what was bundled, and the native packages that a running one has mapped. */
export function programFiles(pid: number): string[] {
  const bundled = globSync('dist/**/*', { cwd: ROOT, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  const mapped = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/ (\/\S+\.node)$/gm)
  return [...bundled, ...new Set([...mapped].map(([, path]) => path!))]
}

/** Has Linux read these files from the disk the next time (posix_fadvise(2), by way of dd(1)). */
export function dropFromCache(files: readonly string[]): void {
  for (const file of files) {
    execFileSync('sync', [file])
    execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}
