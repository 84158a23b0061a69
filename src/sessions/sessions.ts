import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { accountColumns, toAccount } from '../access/account.ts'
import { type Identity, maySeeCamera } from '../access/identity.ts'
import { accessColumns, toAccess } from '../camera-access/camera-access.ts'
import { CameraNotFound } from '../cameras/errors.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import { fromTimestamp, toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { CLOCK_SKEW_MS, holdsAt } from '../validity.ts'
import { makeSession, narrowTo, type Session } from './session.ts'
import { SessionCache } from './session-cache.ts'
import { readToken, type SessionClaims, type TokenSigner } from './token.ts'

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
const MAX_SESSIONS_PER_USER = 100

/** Logins that are alive. A token is worth what its row in `sessions` is worth. */
export class Sessions {
  readonly #database: Database
  readonly #tokens: TokenSigner
  readonly #lifetimeMs: number
  readonly #cache = new SessionCache(CACHED_SESSIONS, CACHE_MS)
  /** When each session was last used, until `saveLastSeen`. */
  readonly #seen = new Map<string, number>()

  constructor({ database, tokens, lifetimeMs }: SessionsOptions) {
    this.#database = database
    this.#tokens = tokens
    this.#lifetimeMs = lifetimeMs
  }

  /**
   * Opens a session inside the transaction that `db` is. Returns its token and the ids of the user's oldest
   * sessions, dropped because there were too many.
   */
  async start(db: WriteHandle, userId: number, { address, userAgent }: LoginOrigin) {
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
    const dropped = await dropOldest(db, userId)
    return { token: this.#tokens.sign({ user_id: userId, jti, iat, exp }), dropped }
  }

  /**
   * The live session of a token; a promise only where it was not found lately. That of a media token is narrowed to its
   * camera (`identity.onlyCamera`): whoever asks lets it in where media is asked for, and nowhere else.
   */
  find(token: string): Session | undefined | Promise<Session | undefined> {
    const cached = this.#cache.get(token)
    if (cached) return this.#use(cached)
    const claims = readToken(this.#tokens, token, Date.now())
    if (!claims) return undefined
    return this.#cache.load(token, () => this.#read(claims)).then(session => session && this.#use(session))
  }

  /** What a session's holder may do now; `undefined` if it has ended. */
  async current(sessionId: string): Promise<Identity | undefined> {
    const session =
      this.#cache.get(sessionId) ??
      (await this.#cache.load(sessionId, () => this.#database.read(db => readSession(db, sessionId))))
    return session?.identity
  }

  /**
   * A token that opens the media of one camera for `seconds`, at most as long as the session lives. A camera that
   * the user may not see is one that does not exist: `CAMERA_NOT_FOUND`.
   */
  issueMediaToken({ id, account, identity }: Session, camera: string, seconds: number) {
    if (!maySeeCamera(identity, camera)) throw new CameraNotFound()
    const iat = Math.floor(Date.now() / 1000)
    const exp = Math.min(iat + seconds, Math.floor(identity.expiresAt / 1000))
    const token = this.#tokens.sign({ user_id: account.id, jti: id, iat, exp, camera })
    return { token, expiresIn: exp - iat }
  }

  async list(db: ReadHandle, userId: number) {
    const now = Date.now()
    return await db
      .selectFrom('sessions')
      .select(['id', 'created_at', 'expires_at', 'last_seen', 'ip_address', 'user_agent'])
      .where('user_id', '=', userId)
      .where('expires_at', '>', toTimestamp(now))
      .where('created_at', '<=', toTimestamp(now + CLOCK_SKEW_MS))
      .orderBy('created_at', 'desc')
      .execute()
  }

  /** What was read of these sessions counts no more. */
  forget(matches: (session: Session) => boolean): void {
    this.#cache.forget(matches)
  }

  /** Writes down when sessions were last used; kept out of the requests themselves, which only read. */
  async saveLastSeen(): Promise<void> {
    const seen = [...this.#seen]
    this.#seen.clear()
    if (seen.length === 0) return
    await this.#database.write(async db => {
      for (const [id, at] of seen)
        await db
          .updateTable('sessions')
          .set({ last_seen: toTimestamp(at) })
          .where('id', '=', id)
          .execute()
    })
  }

  async removeExpired(batch: number): Promise<void> {
    this.#cache.prune()
    await this.#database.write(db =>
      db
        .deleteFrom('sessions')
        .where('id', 'in', expired =>
          expired
            .selectFrom('sessions')
            .select('id')
            .where('expires_at', '<=', toTimestamp(Date.now()))
            .limit(batch),
        )
        .execute(),
    )
  }

  async #read({ user_id, jti, iat, exp, camera }: SessionClaims): Promise<Session | undefined> {
    const session = await this.#database.read(db => readSession(db, jti))
    if (session?.account.id !== user_id) return undefined
    if (camera === undefined) return session
    return narrowTo(session, camera, { issuedAt: iat * 1000, expiresAt: exp * 1000 })
  }

  #use(session: Session): Session {
    if (this.#seen.size < CACHED_SESSIONS || this.#seen.has(session.id))
      this.#seen.set(session.id, Date.now())
    return session
  }
}

async function readSession(db: ReadHandle, id: string): Promise<Session | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(accountColumns)
    .select(accessColumns)
    .select(['sessions.created_at as issued_at', 'sessions.expires_at'])
    .where('sessions.id', '=', id)
    .executeTakeFirst()
  if (!row) return undefined
  const validity = {
    issuedAt: fromTimestamp(row.issued_at),
    expiresAt: fromTimestamp(row.expires_at),
  }
  return holdsAt(validity, Date.now()) ? makeSession(id, toAccount(row), toAccess(row), validity) : undefined
}

/** A client that logs in again and again without ever logging out must not fill the table. */
async function dropOldest(db: WriteHandle, userId: number): Promise<string[]> {
  const dropped = await db
    .deleteFrom('sessions')
    .where('id', 'in', beyond =>
      beyond
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy(sql`rowid`, 'desc')
        .limit(-1)
        .offset(MAX_SESSIONS_PER_USER),
    )
    .returning('id')
    .execute()
  return dropped.map(({ id }) => id)
}
