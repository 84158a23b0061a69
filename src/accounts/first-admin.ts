import { randomBytes } from 'node:crypto'
import type { Database } from '../database/database.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { CodedError } from '../errors.ts'
import { insider } from '../passwords/password-queue.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { BadAdminPassword, PlaceholderPassword } from './errors.ts'
import { checkNewPassword } from './policy.ts'

const PLACEHOLDER = 'change-this-secure-password'

export interface FirstAdmin {
  readonly username: string
  readonly password: string | undefined
  readonly email: string | undefined
  readonly fullName: string | undefined
}

/**
 * Makes an administrator if there is no active one; an account of that name that exists already is made one,
 * gets the password and loses its sessions and player tokens. Returns the password if it had to be invented, for the one time that it is shown.
 */
export async function ensureAdmin(
  database: Database,
  passwords: Passwords,
  admin: FirstAdmin,
): Promise<string | undefined> {
  if (await database.read(hasActiveAdmin)) return undefined
  if (admin.password !== undefined) checkFirstPassword(admin.password)

  const password = admin.password ?? randomBytes(15).toString('base64url')
  const values = {
    username: admin.username,
    password_hash: await passwords.hash(insider(admin.username), password),
    email: admin.email ?? null,
    full_name: admin.fullName ?? null,
    is_admin: 1,
    is_active: 1,
  } as const
  const made = await database.write(async db => {
    if (await hasActiveAdmin(db)) return false
    const { id } = await db
      .insertInto('users')
      .values(values)
      .onConflict(conflict =>
        conflict
          .column('username')
          .doUpdateSet({ password_hash: values.password_hash, is_admin: 1, is_active: 1 }),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    await db.deleteFrom('sessions').where('user_id', '=', id).execute()
    await db.deleteFrom('player_tokens').where('user_id', '=', id).execute()
    return true
  })
  return made && admin.password === undefined ? password : undefined
}

function checkFirstPassword(password: string): void {
  if (password === PLACEHOLDER) throw new PlaceholderPassword(JSON.stringify(PLACEHOLDER))
  try {
    checkNewPassword(password)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new BadAdminPassword(error.message)
  }
}

async function hasActiveAdmin(db: ReadHandle): Promise<boolean> {
  const admin = await db
    .selectFrom('users')
    .select('id')
    .where('is_admin', '=', 1)
    .where('is_active', '=', 1)
    .limit(1)
    .executeTakeFirst()
  return admin !== undefined
}
