import type { Selectable } from 'kysely'
import type { UsersTable } from '../database/schema.ts'

/** A user as everything but the password check needs it. */
export interface Account {
  readonly id: number
  readonly username: string
  readonly email: string | null
  readonly full_name: string | null
  readonly is_admin: boolean
  readonly is_active: boolean
  readonly created_at: string
  readonly last_login: string | null
}

export const accountColumns = [
  'users.id',
  'users.username',
  'users.email',
  'users.full_name',
  'users.is_admin',
  'users.is_active',
  'users.created_at',
  'users.last_login',
] as const

export function toAccount(row: Omit<Selectable<UsersTable>, 'password_hash'>): Account {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    full_name: row.full_name,
    is_admin: row.is_admin === 1,
    is_active: row.is_active === 1,
    created_at: row.created_at,
    last_login: row.last_login,
  }
}
