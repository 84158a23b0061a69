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
