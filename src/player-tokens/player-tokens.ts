import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { accountColumns, toAccount } from '../access/account.ts'
import { type CameraAccess, type Identity, maySeeCamera } from '../access/identity.ts'
import { type Actor, note } from '../audit/audit.ts'
import { accessColumns, toAccess } from '../camera-access/camera-access.ts'
import { CameraNotFound } from '../cameras/errors.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { makeSession, type Session } from '../sessions/session.ts'
import { SessionCache } from '../sessions/session-cache.ts'
import { FOR_EVER } from '../validity.ts'
import {
  NoSuchPlayerToken,
  PlayerTokenCamerasMissing,
  PlayerTokenCamerasTooLong,
  PlayerTokenNameMissing,
  TooManyPlayerTokens,
} from './errors.ts'

/** How a player token is told from a session's; it also lets secret scanners find one that leaked. */
export const PLAYER_TOKEN_PREFIX = 'cgp_'

/** What the id of a session that stands on a player token begins with; the rest is the token's id. */
export const PLAYER_SESSION_PREFIX = 'player:'

const MAX_PER_USER = 50
/** Of the names of one token's cameras, as JSON: a list of all tokens is read and written at once. */
const MAX_CAMERA_BYTES = 16 * 1024
const CACHED_TOKENS = 200
const CACHE_MS = 60_000

/**
 * Long-lived tokens for wall tablets and dashboards: named, bound to cameras, good for media and nothing else.
 * They see what their cameras and their owner's access have in common, and nothing once the owner is disabled.
 */
export class PlayerTokens {
  readonly #database: Database
  readonly #cache = new SessionCache(CACHED_TOKENS, CACHE_MS)
  readonly #used = new Map<string, number>()

  constructor(database: Database) {
    this.#database = database
  }

  /** The token itself is shown this once; only its hash is kept. */
  async create(
    identity: Identity,
    actor: Actor,
    { name = '', cameras = [] }: { name?: string; cameras?: string[] },
  ) {
    const label = name.trim()
    if (label === '') throw new PlayerTokenNameMissing()
    if (cameras.length === 0) throw new PlayerTokenCamerasMissing()
    if (Buffer.byteLength(JSON.stringify(cameras)) > MAX_CAMERA_BYTES)
      throw new PlayerTokenCamerasTooLong(MAX_CAMERA_BYTES)
    if (!cameras.every(camera => maySeeCamera(identity, camera))) throw new CameraNotFound()

    const id = randomUUID()
    const token = `${PLAYER_TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
    const created_at = toTimestamp(Date.now())
    await this.#database.write(async db => {
      const { count } = await db
        .selectFrom('player_tokens')
        .select(db.fn.countAll<number>().as('count'))
        .where('user_id', '=', identity.userId)
        .executeTakeFirstOrThrow()
      if (count >= MAX_PER_USER) throw new TooManyPlayerTokens(MAX_PER_USER)
      await db
        .insertInto('player_tokens')
        .values({
          id,
          user_id: identity.userId,
          name: label,
          token_hash: hashOf(token),
          cameras: JSON.stringify(cameras),
          created_at,
        })
        .execute()
      await note(db, actor, 'player_token.created', label, cameras.join(', '))
    })
    return { token, player_token: { id, name: label, cameras, created_at, last_used: null } }
  }

  async list(db: ReadHandle, userId: number) {
    const rows = await db
      .selectFrom('player_tokens')
      .select(['id', 'name', 'cameras', 'created_at', 'last_used'])
      .where('user_id', '=', userId)
      .orderBy('created_at', 'desc')
      .execute()
    return rows.map(row => ({ ...row, cameras: JSON.parse(row.cameras) as string[] }))
  }

  /** Ends one's own token, or as an administrator anybody's. Returns the id that its streams stand on. */
  async end(identity: Identity, actor: Actor, id: string): Promise<string> {
    await this.#database.write(async db => {
      const gone = await db
        .deleteFrom('player_tokens')
        .where('id', '=', id)
        .$if(!identity.isAdmin, query => query.where('user_id', '=', identity.userId))
        .returning('name')
        .executeTakeFirst()
      if (!gone) throw new NoSuchPlayerToken()
      await note(db, actor, 'player_token.ended', gone.name)
    })
    return PLAYER_SESSION_PREFIX + id
  }

  /** What a token opens; a promise only where the database has to be asked. */
  find(token: string): Session | undefined | Promise<Session | undefined> {
    const hash = hashOf(token)
    const cached = this.#cache.get(hash)
    if (cached) return this.#use(cached)
    return this.#cache
      .load(hash, () => this.#database.read(db => loadToken(db, 'token_hash', hash)))
      .then(session => session && this.#use(session))
  }

  async current(sessionId: string): Promise<Identity | undefined> {
    if (!sessionId.startsWith(PLAYER_SESSION_PREFIX)) return undefined
    const id = sessionId.slice(PLAYER_SESSION_PREFIX.length)
    const session =
      this.#cache.get(sessionId) ??
      (await this.#cache.load(sessionId, () => this.#database.read(db => loadToken(db, 'id', id))))
    return session?.identity
  }

  forget(matches: (session: Session) => boolean): void {
    this.#cache.forget(matches)
  }

  async saveLastUsed(): Promise<void> {
    const used = [...this.#used]
    this.#used.clear()
    if (used.length === 0) return
    await this.#database.write(async db => {
      for (const [id, at] of used)
        await db
          .updateTable('player_tokens')
          .set({ last_used: toTimestamp(at) })
          .where('id', '=', id)
          .execute()
    })
  }

  #use(session: Session): Session {
    const id = session.id.slice(PLAYER_SESSION_PREFIX.length)
    if (this.#used.size < CACHED_TOKENS || this.#used.has(id)) this.#used.set(id, Date.now())
    return session
  }
}

/** Deletes the player tokens of a user inside the transaction that `db` is; returns the ids that their streams stand on. */
export async function deletePlayerTokens(db: WriteHandle, userId: number): Promise<string[]> {
  const gone = await db.deleteFrom('player_tokens').where('user_id', '=', userId).returning('id').execute()
  return gone.map(({ id }) => PLAYER_SESSION_PREFIX + id)
}

async function loadToken(db: ReadHandle, column: 'id' | 'token_hash', value: string) {
  const row = await db
    .selectFrom('player_tokens')
    .innerJoin('users', 'users.id', 'player_tokens.user_id')
    .select(accountColumns)
    .select(accessColumns)
    .select(['player_tokens.id as token_id', 'player_tokens.cameras'])
    .where(`player_tokens.${column}`, '=', value)
    .executeTakeFirst()
  if (!row) return undefined
  const access = narrowed(toAccess(row), new Set(JSON.parse(row.cameras) as string[]))
  const account = { ...toAccount(row), is_admin: false }
  return makeSession(PLAYER_SESSION_PREFIX + row.token_id, account, access, FOR_EVER)
}

function narrowed(access: CameraAccess, cameras: ReadonlySet<string>): CameraAccess {
  return { mode: 'custom', cameras: access.mode === 'all' ? cameras : cameras.intersection(access.cameras) }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
