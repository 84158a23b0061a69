import { createRequire } from 'node:module'

interface Addon {
  release(): void
}

/** Beside the bundle (`build/addon.ts`). The sources, and builds on a machine without a C compiler, do without. */
const PATH = './file-pages.node'
let addon: Addon | undefined | null

/**
 * Takes the pages of Node's binary and of the libraries out of resident memory. They stay in the page cache, and those that are
 * used come back at their next use, some microseconds each; what only the start ran, about 25 MB, does not.
 * madvise(2), `MADV_DONTNEED` on read-only mappings of files. Returns whether there was an addon to do it.
 */
export function releaseFilePages(): boolean {
  if (addon === undefined) addon = load()
  addon?.release()
  return addon !== null
}

function load(): Addon | null {
  try {
    return createRequire(import.meta.filename)(PATH) as Addon
  } catch {
    return null
  }
}
