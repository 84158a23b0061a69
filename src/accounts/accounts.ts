import type { Database } from '../database/database.ts'
import { toTimestamp } from '../database/timestamp.ts'
import type { LoginOrigin, Sessions } from '../sessions/sessions.ts'
import { type Account, accountColumns, toAccount } from './account.ts'
import { CredentialsMissing, InvalidCredentials } from './errors.ts'
import type { Passwords } from './passwords.ts'

export interface AccountsOptions {
  readonly database: Database
  readonly passwords: Passwords
  readonly sessions: Sessions
}

export interface Credentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** What people do with their accounts. */
export class Accounts {
  readonly #database: Database
  readonly #passwords: Passwords
  readonly #sessions: Sessions

  constructor({ database, passwords, sessions }: AccountsOptions) {
    this.#database = database
    this.#passwords = passwords
    this.#sessions = sessions
  }

  /** Opens a session. Disabled accounts may log in too; what they reach is decided by the access scopes. */
  async login({ username, password }: Credentials, origin: LoginOrigin) {
    if (!username || !password) throw new CredentialsMissing()
    const row = await this.#database.read(db =>
      db
        .selectFrom('users')
        .select([...accountColumns, 'users.password_hash'])
        .where('username', '=', username)
        .executeTakeFirst(),
    )
    if (!(await this.#passwords.verify(password, row?.password_hash)) || !row) throw new InvalidCredentials()
    const account = toAccount(row)
    const token = await this.#open(account, origin)
    return { token, account }
  }

  async #open(account: Account, origin: LoginOrigin): Promise<string> {
    return this.#database.write(async db => {
      await db
        .updateTable('users')
        .set({ last_login: toTimestamp(Date.now()) })
        .where('id', '=', account.id)
        .execute()
      return this.#sessions.start(db, account.id, origin)
    })
  }
}
