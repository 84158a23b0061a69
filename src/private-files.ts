import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** What is written is for the owner alone: `process.umask(PRIVATE)` in each program, `umask 077` in `bin/start`. */
export const PRIVATE = 0o077

/**
 * Takes a file that was written with a wider mode from group and others; what is not there, or no file, is passed over. Resolves
 * to whether others may still read it: it belongs to another account, or its file system keeps no modes.
 */
export async function makePrivate(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if (!file) return false
  try {
    const before = await file.stat()
    if (!before.isFile() || (before.mode & PRIVATE) === 0) return false
    if (before.uid === process.getuid?.()) await file.chmod(before.mode & 0o700).catch(() => {})
    return ((await file.stat()).mode & PRIVATE) !== 0
  } finally {
    await file.close()
  }
}
