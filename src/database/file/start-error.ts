import { CannotWrite, DiskFull, HeldByAnother, NotADatabase } from '../errors.ts'

/** What stops a start, in one clear line; errors that are not SQLite's or the file system's pass unchanged. */
export function startError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return new NotADatabase(path, error.message)
  if (/^SQLITE_(FULL|IOERR_SHMSIZE)|^ENOSPC|^EDQUOT/.test(code)) return new DiskFull(path, error.message)
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|IOERR)|^E(ACCES|PERM|ROFS|NOTDIR|EXIST)$/.test(code))
    return new CannotWrite(path, error.message)
  if (/^SQLITE_BUSY/.test(code)) return new HeldByAnother(path)
  return error
}
