import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Database, WriteHandle } from '../database/database.ts'
import type { PathHandlesTable } from '../database/schema.ts'
import { PLAYER_SESSION_PREFIX } from '../player-tokens/player-tokens.ts'
import type { Validity } from '../validity.ts'
import type { HandleOwner } from './handle-owner.ts'
import type { HandleLimits, KeptHandles } from './handles.ts'
import type { Subject } from './subject.ts'

const LIMITS: HandleLimits = { perSession: 500, total: 10_000 }

/**
 * Handles in SQLite, by their hash; what a session had goes with it. The oldest of a session make room for its new ones, and where
 * there are as many as there may be in all, the oldest of the user who has most.
 */
export class HandleStore implements KeptHandles {
  readonly #database: Database
  readonly #limits: HandleLimits

  constructor(database: Database, limits: HandleLimits = LIMITS) {
    this.#database = database
    this.#limits = limits
  }

  async find(handle: string): Promise<HandleOwner | undefined> {
    const row = await this.#database.read(db =>
      db.selectFrom('path_handles').selectAll().where('handle_hash', '=', hashOf(handle)).executeTakeFirst(),
    )
    if (!row) return undefined
    return {
      sessionId: row.session_id ?? PLAYER_SESSION_PREFIX + row.player_token_id,
      subject: { kind: row.kind, id: row.subject, camera: row.camera ?? undefined },
      validity: validityOf(row),
    }
  }

  async add(
    handle: string,
    { sessionId, subject: { kind, id, camera }, validity }: HandleOwner,
  ): Promise<void> {
    const standsOn = standing(sessionId)
    await this.#database.write(async db => {
      await db
        .insertInto('path_handles')
        .values({
          handle_hash: hashOf(handle),
          ...standsOn,
          kind,
          subject: id,
          camera: camera ?? null,
          issued_at: validity?.issuedAt ?? null,
          expires_at: validity?.expiresAt ?? null,
        })
        .onConflict(conflict => conflict.doNothing())
        .execute()
      await this.#dropOldest(db, standsOn)
    })
  }

  async remove(sessionId: string, kind: Subject['kind'], id: string): Promise<void> {
    await this.#database.write(db =>
      db
        .deleteFrom('path_handles')
        .where(({ and }) => and(standing(sessionId)))
        .where('kind', '=', kind)
        .where('subject', '=', id)
        .execute(),
    )
  }

  async removeExpired(batch: number): Promise<void> {
    await this.#database.write(db =>
      db
        .deleteFrom('path_handles')
        .where('id', 'in', ended =>
          ended.selectFrom('path_handles').select('id').where('expires_at', '<=', Date.now()).limit(batch),
        )
        .execute(),
    )
  }

  async #dropOldest(db: WriteHandle, standsOn: ReturnType<typeof standing>): Promise<void> {
    const { perSession, total } = this.#limits
    const newestOfSession = db
      .selectFrom('path_handles')
      .select('id')
      .where(({ and }) => and(standsOn))
      .orderBy('id', 'desc')
      .limit(1)
      .offset(perSession)
    await db
      .deleteFrom('path_handles')
      .where(({ and }) => and(standsOn))
      .where('id', '<=', newestOfSession)
      .execute()
    const { count } = await db
      .selectFrom('path_handles')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (count > total) await dropOldestOfGreediest(db, count - total)
  }
}

async function dropOldestOfGreediest(db: WriteHandle, count: number): Promise<void> {
  const owned = db
    .selectFrom('path_handles')
    .leftJoin('sessions', 'sessions.id', 'path_handles.session_id')
    .leftJoin('player_tokens', 'player_tokens.id', 'path_handles.player_token_id')
    .select(({ fn }) => [
      'path_handles.id as id',
      fn.coalesce('sessions.user_id', 'player_tokens.user_id').as('user_id'),
    ])
  const greediest = await db
    .selectFrom(owned.as('owned'))
    .select('user_id')
    .groupBy('user_id')
    .orderBy(({ fn }) => fn.countAll(), 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const oldest = db
    .selectFrom(owned.as('owned'))
    .select('id')
    .where('user_id', '=', greediest.user_id)
    .orderBy('id')
    .limit(count)
  await db.deleteFrom('path_handles').where('id', 'in', oldest).execute()
}

function standing(sessionId: string) {
  return sessionId.startsWith(PLAYER_SESSION_PREFIX)
    ? { player_token_id: sessionId.slice(PLAYER_SESSION_PREFIX.length) }
    : { session_id: sessionId }
}

function validityOf({ issued_at, expires_at }: Selectable<PathHandlesTable>): Validity | undefined {
  return issued_at === null || expires_at === null
    ? undefined
    : { issuedAt: issued_at, expiresAt: expires_at }
}

function hashOf(handle: string): string {
  return createHash('sha256').update(handle).digest('base64url')
}
