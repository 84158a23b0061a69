import { randomUUID } from 'node:crypto'
import { type Account, accountColumns, toAccount } from '../accounts/account.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/lease.ts'
import { fromTimestamp, toTimestamp } from '../database/timestamp.ts'
import type { Session } from './session.ts'
import { SessionCache } from './session-cache.ts'
import { readToken, type TokenSigner } from './token.ts'

export interface SessionsOptions {
  readonly database: Database
  readonly tokens: TokenSigner
  readonly lifetimeMs: number
}

/** Where a login came from, as the list of sessions shows it. */
export interface LoginOrigin {
  readonly address: string
  readonly userAgent: string
}

const CACHED_SESSIONS = 1000
const CACHE_MS = 60_000
const MAX_USER_AGENT = 256

/** Logins that are alive. A token is worth what its row in `sessions` is worth. */
export class Sessions {
  readonly #database: Database
  readonly #tokens: TokenSigner
  readonly #lifetimeMs: number
  readonly #cache = new SessionCache(CACHED_SESSIONS, CACHE_MS)

  constructor({ database, tokens, lifetimeMs }: SessionsOptions) {
    this.#database = database
    this.#tokens = tokens
    this.#lifetimeMs = lifetimeMs
  }

  /** Opens a session inside the transaction that `db` is, and returns its token. */
  async start(db: WriteHandle, userId: number, { address, userAgent }: LoginOrigin): Promise<string> {
    const iat = Math.floor(Date.now() / 1000)
    const exp = iat + this.#lifetimeMs / 1000
    const jti = randomUUID()
    const now = toTimestamp(iat * 1000)
    await db
      .insertInto('sessions')
      .values({
        id: jti,
        user_id: userId,
        created_at: now,
        expires_at: toTimestamp(exp * 1000),
        last_seen: now,
        ip_address: address,
        user_agent: userAgent.slice(0, MAX_USER_AGENT),
      })
      .execute()
    return this.#tokens.sign({ user_id: userId, jti, iat, exp })
  }

  /** The live session of a token; a promise only where the database has to be asked. */
  find(token: string): Session | undefined | Promise<Session | undefined> {
    const now = Date.now()
    const claims = readToken(this.#tokens, token, now)
    if (!claims) return undefined
    const cached = this.#cache.get(claims.jti, now)
    if (cached) return cached.account.id === claims.user_id ? cached : undefined
    return this.#cache
      .load(claims.jti, now, () => this.#database.read(db => readSession(db, claims.jti, now)))
      .then(session => (session?.account.id === claims.user_id ? session : undefined))
  }

  async end(id: string): Promise<void> {
    await this.#database.write(db => db.deleteFrom('sessions').where('id', '=', id).execute())
    this.#cache.forget(session => session.id === id)
  }
}

async function readSession(db: ReadHandle, id: string, now: number): Promise<Session | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(accountColumns)
    .select('sessions.expires_at')
    .where('sessions.id', '=', id)
    .where('sessions.expires_at', '>', toTimestamp(now))
    .executeTakeFirst()
  if (!row) return undefined
  const account = toAccount(row)
  return { id, account, identity: identityOf(account, id), expiresAt: fromTimestamp(row.expires_at) }
}

function identityOf(account: Account, sessionId: string): Session['identity'] {
  return {
    userId: account.id,
    username: account.username,
    isAdmin: account.is_admin,
    isActive: account.is_active,
    sessionId,
    access: { mode: 'all' },
  }
}
