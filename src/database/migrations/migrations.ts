import type { Migration } from 'kysely/migration'
import * as accounts from './0001-accounts.ts'
import * as sessions from './0002-sessions.ts'

/** In order; what has left the house is never changed, only followed by a new number. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-sessions': sessions,
}
