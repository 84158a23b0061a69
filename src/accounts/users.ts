import { accountColumns, toAccount } from '../access/account.ts'
import type { CameraAccess, Identity } from '../access/identity.ts'
import { type Actor, note } from '../audit/audit.ts'
import { readAccess, writeAccess } from '../camera-access/camera-access.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { insider } from '../passwords/password-queue.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { deletePlayerTokens } from '../player-tokens/player-tokens.ts'
import type { Revocation } from '../sessions/revocation.ts'
import {
  AccountInUse,
  AdminStaysActive,
  CredentialsMissing,
  FieldsMissing,
  LastAdmin,
  NoSuchUser,
  NotOneself,
  UsernameTaken,
} from './errors.ts'
import { checkNewPassword, likenessOf, newUsername } from './policy.ts'

export interface UsersOptions {
  readonly database: Database
  readonly passwords: Passwords
  readonly revocation: Revocation
}

export interface NewUser {
  readonly username?: string
  readonly password?: string
  readonly is_admin?: boolean
}

export interface PasswordReset {
  readonly new_password?: string
  /** Whether the user's player tokens end too; by default they do. */
  readonly end_player_tokens?: boolean
}

/** An empty string or `null` takes the email or the name away. */
export interface UserUpdate {
  readonly is_admin?: boolean
  readonly email?: string | null
  readonly full_name?: string | null
}

/** What administrators do with accounts. Every act is in the audit log and felt at once. */
export class Users {
  readonly #database: Database
  readonly #passwords: Passwords
  readonly #revocation: Revocation

  constructor({ database, passwords, revocation }: UsersOptions) {
    this.#database = database
    this.#passwords = passwords
    this.#revocation = revocation
  }

  /** By name, whatever its case. */
  async list(db: ReadHandle) {
    const rows = await db.selectFrom('users').select(accountColumns).execute()
    const name = (user: { username: string }) => user.username.toLowerCase()
    return rows.map(toAccount).sort((a, b) => (name(a) < name(b) ? -1 : 1))
  }

  async create(actor: Actor, { username, password, is_admin = false }: NewUser) {
    if (!username || !password) throw new CredentialsMissing()
    const name = newUsername(username)
    checkNewPassword(password)
    await this.#database.read(db => refuseTaken(db, name))
    const password_hash = await this.#passwords.hash(insider(actor.id ?? actor.name), password)
    return this.#database.write(async db => {
      await refuseTaken(db, name)
      const { id } = await db
        .insertInto('users')
        .values({ username: name, password_hash, is_admin: is_admin ? 1 : 0, is_active: 1 })
        .returning('id')
        .executeTakeFirstOrThrow()
      await note(db, actor, 'user.created', name, is_admin ? 'administrator' : null)
      return { id, username: name, is_admin }
    })
  }

  async setActive(by: Identity, actor: Actor, id: number, active: boolean | undefined): Promise<boolean> {
    if (active === undefined) throw new FieldsMissing()
    await this.#database.write(async db => {
      const user = await requireUser(db, id)
      if (!active && id === by.userId) throw new NotOneself('disable')
      if (!active && user.is_admin) throw new AdminStaysActive()
      await db
        .updateTable('users')
        .set({ is_active: active ? 1 : 0 })
        .where('id', '=', id)
        .execute()
      await note(db, actor, active ? 'user.enabled' : 'user.disabled', user.username)
    })
    this.#revocation.userChanged(id)
    return active
  }

  async update(actor: Actor, id: number, { is_admin, email, full_name }: UserUpdate) {
    const { before, after } = await this.#database.write(async db => {
      const before = await requireUser(db, id)
      if (is_admin === false && before.is_admin) await refuseLastAdmin(db, id)
      const changes = {
        ...(is_admin === undefined ? {} : { is_admin: is_admin ? (1 as const) : (0 as const) }),
        ...(email === undefined ? {} : { email: email || null }),
        ...(full_name === undefined ? {} : { full_name: full_name || null }),
      }
      if (Object.keys(changes).length === 0) throw new FieldsMissing()
      await db.updateTable('users').set(changes).where('id', '=', id).execute()
      await note(db, actor, 'user.updated', before.username, JSON.stringify(changes))
      return { before, after: await requireUser(db, id) }
    })
    this.#revocation.userChanged(id, before.is_admin === after.is_admin)
    return after
  }

  /** Ends every session of the user, and unless told otherwise the player tokens: whoever needs this may have lost them too. */
  async resetPassword(actor: Actor, id: number, reset: PasswordReset): Promise<void> {
    const { new_password, end_player_tokens = true } = reset
    if (!new_password) throw new FieldsMissing()
    checkNewPassword(new_password)
    await this.#database.read(db => requireUser(db, id))
    const password_hash = await this.#passwords.hash(insider(actor.id ?? actor.name), new_password)
    const ended = await this.#database.write(async db => {
      const user = await requireUser(db, id)
      await db.updateTable('users').set({ password_hash }).where('id', '=', id).execute()
      const sessions = await db.deleteFrom('sessions').where('user_id', '=', id).returning('id').execute()
      const tokens = end_player_tokens ? await deletePlayerTokens(db, id) : []
      await note(
        db,
        actor,
        'user.password_reset',
        user.username,
        end_player_tokens ? null : 'player tokens kept',
      )
      return [...sessions.map(session => session.id), ...tokens]
    })
    this.#revocation.ended(ended)
  }

  async remove(by: Identity, actor: Actor, id: number): Promise<void> {
    await this.#database.write(async db => {
      const user = await requireUser(db, id)
      if (id === by.userId) throw new NotOneself('delete')
      if (user.is_admin) await refuseLastAdmin(db, id)
      await db
        .deleteFrom('users')
        .where('id', '=', id)
        .execute()
        .catch(error => {
          throw error?.code === 'SQLITE_CONSTRAINT_FOREIGNKEY' ? new AccountInUse() : error
        })
      await note(db, actor, 'user.deleted', user.username)
    })
    this.#revocation.userChanged(id)
  }

  async cameras(db: ReadHandle, id: number): Promise<CameraAccess> {
    const access = await readAccess(db, id)
    if (!access) throw new NoSuchUser()
    return access
  }

  async setCameras(actor: Actor, id: number, access: CameraAccess): Promise<void> {
    await this.#database.write(async db => {
      const user = await requireUser(db, id)
      await writeAccess(db, id, access)
      const cameras = access.mode === 'all' ? 'all' : [...access.cameras].join(', ')
      await note(db, actor, 'user.cameras', user.username, cameras)
    })
    this.#revocation.camerasChanged(id, access)
  }
}

/** Refuses a name that would be taken for that of another account. */
export async function refuseTaken(db: ReadHandle, username: string, except = 0): Promise<void> {
  const rows = await db.selectFrom('users').select(['id', 'username']).execute()
  const taken = rows.some(row => row.id !== except && likenessOf(row.username) === likenessOf(username))
  if (taken) throw new UsernameTaken()
}

async function requireUser(db: ReadHandle, id: number) {
  const row = await db.selectFrom('users').select(accountColumns).where('id', '=', id).executeTakeFirst()
  if (!row) throw new NoSuchUser()
  return toAccount(row)
}

async function refuseLastAdmin(db: WriteHandle, id: number): Promise<void> {
  const other = await db
    .selectFrom('users')
    .select('id')
    .where('is_admin', '=', 1)
    .where('is_active', '=', 1)
    .where('id', '!=', id)
    .limit(1)
    .executeTakeFirst()
  if (!other) throw new LastAdmin()
}
