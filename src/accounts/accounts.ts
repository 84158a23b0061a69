import { type Account, accountColumns, toAccount } from '../access/account.ts'
import { type Actor, note } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { Attempt, Client } from '../login-protection/attempt.ts'
import type { LoginProtection } from '../login-protection/login-protection.ts'
import { insider } from '../passwords/password-queue.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { deletePlayerTokens } from '../player-tokens/player-tokens.ts'
import type { Revocation } from '../sessions/revocation.ts'
import type { Session } from '../sessions/session.ts'
import type { Sessions } from '../sessions/sessions.ts'
import {
  CredentialsMissing,
  FieldsMissing,
  NoSuchSession,
  PasswordMismatch,
  UsernameMismatch,
  WrongPassword,
  WrongUsername,
} from './errors.ts'
import { checkNewPassword, newUsername } from './policy.ts'
import { refuseTaken } from './users.ts'

export interface AccountsOptions {
  readonly database: Database
  readonly passwords: Passwords
  readonly protection: LoginProtection
  readonly sessions: Sessions
  readonly revocation: Revocation
}

export interface Credentials {
  readonly username?: string
  readonly password?: string
}

export interface UsernameChange {
  readonly current_username?: string
  readonly new_username?: string
  readonly confirm_username?: string
}

export interface PasswordChange {
  readonly current_password?: string
  readonly new_password?: string
  readonly confirm_password?: string
  /** Whether the user's player tokens end too; by default they go on. */
  readonly end_player_tokens?: boolean
}

/** What people do with their own accounts. */
export class Accounts {
  readonly #database: Database
  readonly #passwords: Passwords
  readonly #protection: LoginProtection
  readonly #sessions: Sessions
  readonly #revocation: Revocation

  constructor({ database, passwords, protection, sessions, revocation }: AccountsOptions) {
    this.#database = database
    this.#passwords = passwords
    this.#protection = protection
    this.#sessions = sessions
    this.#revocation = revocation
  }

  /**
   * Opens a session. Disabled accounts may log in too; what they reach is decided by the access scopes. `device`: the session that
   * the request came with, if any.
   */
  async login({ username, password }: Credentials, client: Client, device?: Session) {
    if (!username || !password) throw new CredentialsMissing()
    const attempt = { client, username, ownDevice: device?.account.username === username }
    return this.#protection.guard(attempt, async waiter => {
      const row = await this.#database.read(db =>
        db
          .selectFrom('users')
          .select([...accountColumns, 'users.password_hash'])
          .where('username', '=', username)
          .executeTakeFirst(),
      )
      const known = await this.#passwords.verify(waiter, password, row?.password_hash)
      if (!known || !row) return undefined
      await this.#rehash(row.id, password, row.password_hash)
      return this.#open(toAccount(row), attempt)
    })
  }

  async logout(session: Session, actor: Actor): Promise<void> {
    await this.#database.write(async db => {
      await db.deleteFrom('sessions').where('id', '=', session.id).execute()
      await note(db, actor, 'logout')
    })
    this.#revocation.ended([session.id])
  }

  /** Ends one of one's own sessions, or as an administrator anybody's. */
  async endSession(session: Session, actor: Actor, id: string): Promise<void> {
    await this.#database.write(async db => {
      const ended = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .$if(!session.identity.isAdmin, query => query.where('user_id', '=', session.account.id))
        .returning(['user_id', 'ip_address'])
        .executeTakeFirst()
      if (!ended) throw new NoSuchSession()
      const owner = await db
        .selectFrom('users')
        .select('username')
        .where('id', '=', ended.user_id)
        .executeTakeFirst()
      await note(db, actor, 'session.ended', owner?.username ?? null, `from ${ended.ip_address}`)
    })
    this.#revocation.ended([id])
  }

  async changeUsername(account: Account, actor: Actor, change: UsernameChange): Promise<string> {
    const { current_username, new_username, confirm_username } = change
    if (!current_username || !new_username || !confirm_username) throw new FieldsMissing()
    if (new_username !== confirm_username) throw new UsernameMismatch()
    if (current_username !== account.username) throw new WrongUsername()
    const username = newUsername(new_username)
    await this.#database.write(async db => {
      await refuseTaken(db, username, account.id)
      await db.updateTable('users').set({ username }).where('id', '=', account.id).execute()
      await note(db, actor, 'username.changed', username)
    })
    this.#revocation.userChanged(account.id, true)
    return username
  }

  /** Ends every other session of the user, and the player tokens if that is asked for. */
  async changePassword(session: Session, actor: Actor, change: PasswordChange): Promise<void> {
    const { current_password, new_password, confirm_password, end_player_tokens = false } = change
    if (!current_password || !new_password || !confirm_password) throw new FieldsMissing()
    if (new_password !== confirm_password) throw new PasswordMismatch()
    checkNewPassword(new_password)
    const userId = session.account.id
    const waiter = insider(userId)
    const user = await this.#database.read(db =>
      db.selectFrom('users').select('password_hash').where('id', '=', userId).executeTakeFirst(),
    )
    if (!(await this.#passwords.verify(waiter, current_password, user?.password_hash)))
      throw new WrongPassword()
    const password_hash = await this.#passwords.hash(waiter, new_password)
    const ended = await this.#database.write(async db => {
      await db.updateTable('users').set({ password_hash }).where('id', '=', userId).execute()
      const others = await db
        .deleteFrom('sessions')
        .where('user_id', '=', userId)
        .where('id', '!=', session.id)
        .returning('id')
        .execute()
      const tokens = end_player_tokens ? await deletePlayerTokens(db, userId) : []
      await note(db, actor, 'password.changed', null, end_player_tokens ? 'player tokens ended' : null)
      return [...others.map(({ id }) => id), ...tokens]
    })
    this.#revocation.ended(ended)
  }

  async #open(account: Account, attempt: Attempt) {
    const { client } = attempt
    const { token, dropped } = await this.#database.write(async db => {
      await db
        .updateTable('users')
        .set({ last_login: toTimestamp(Date.now()) })
        .where('id', '=', account.id)
        .execute()
      await this.#protection.noteSuccess(db, attempt, account.id)
      await note(db, { id: account.id, name: account.username, address: client.address }, 'login')
      return this.#sessions.start(db, account.id, client)
    })
    this.#revocation.userChanged(account.id, true)
    this.#revocation.ended(dropped)
    return { token, account }
  }

  /** Brings an old hash to today's cost while the password is at hand; under load that waits for the next login. */
  async #rehash(userId: number, password: string, oldHash: string): Promise<void> {
    if (!this.#passwords.isOutdated(oldHash)) return
    const password_hash = await this.#passwords.hash(insider(userId), password).catch(() => undefined)
    if (password_hash === undefined) return
    await this.#database.write(db =>
      db
        .updateTable('users')
        .set({ password_hash })
        .where('id', '=', userId)
        .where('password_hash', '=', oldHash)
        .execute(),
    )
  }
}
