import { defineError } from '../errors.ts'

export const DatabaseBusy = defineError(
  'DATABASE_BUSY',
  'The database is busy, try again in a moment',
  503,
  1,
)
export const HandleReturned = defineError(
  'DATABASE_HANDLE_RETURNED',
  'This request gave its database handle back',
)
export const DatabaseClosed = defineError('DATABASE_CLOSED', 'The database is closed', 503, 1)
export const NoRoom = defineError('DATABASE_DISK_FULL', 'There is no room left on the disk', 507)

export const NotADatabase = defineError('DATABASE_CORRUPT', '%s is not an intact SQLite database: %s')
export const NewerSchema = defineError(
  'DATABASE_NEWER',
  '%s was written by a newer version (it has %s); this version would not understand it',
)
export const CannotWrite = defineError('DATABASE_READ_ONLY', '%s cannot be written: %s')
export const DiskFull = defineError('DATABASE_DISK_FULL', 'There is no room on the disk for %s: %s')
export const HeldByAnother = defineError('DATABASE_BUSY', '%s is held by another process')
