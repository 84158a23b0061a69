import type { Generated } from 'kysely'

/** SQLite has no booleans: 0 or 1. */
export type Flag = 0 | 1

/** UTC as `YYYY-MM-DD HH:MM:SS`, the form that the files of the old backend hold; it sorts as text. */
export type Timestamp = string

export interface UsersTable {
  id: Generated<number>
  username: string
  password_hash: string
  email: string | null
  full_name: string | null
  is_admin: Flag
  is_active: Flag
  created_at: Generated<Timestamp>
  last_login: Timestamp | null
}

export interface SessionsTable {
  /** The `jti` of its token. */
  id: string
  user_id: number
  created_at: Timestamp
  expires_at: Timestamp
  last_seen: Timestamp
  ip_address: string
  user_agent: string
}

export interface Schema {
  users: UsersTable
  sessions: SessionsTable
}
