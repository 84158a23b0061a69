import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What SQLite and this server put beside the file at `path`: its log, its key, the copies from before a migration. */
const ADDED = /^(-wal|-shm|-journal|\.key(\.\d+)?|\.before-migration-.*)?$/

/** The database and what lies beside it and is ours, by its own path and by the one that a link stands for. */
export async function ownFiles(path: string): Promise<string[]> {
  const paths = new Set([path, await realpath(path).catch(() => path)])
  const found = await Promise.all([...paths].map(family))
  return found.flat()
}

async function family(path: string): Promise<string[]> {
  const folder = dirname(path)
  const name = basename(path)
  const names = await readdir(folder).catch(() => [])
  return names
    .filter(other => other.startsWith(name) && ADDED.test(other.slice(name.length)))
    .map(other => join(folder, other))
}
