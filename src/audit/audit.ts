import type { Database, WriteHandle } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { equalPart } from '../shares/equal-part.ts'

/** Who does something, and from where. */
export interface Actor {
  readonly id: number | null
  readonly name: string
  readonly address: string
}

export type AuditAction =
  | 'login'
  | 'login.failed'
  | 'login.blocked'
  | 'logout'
  | 'session.ended'
  | 'password.changed'
  | 'username.changed'
  | 'user.created'
  | 'user.updated'
  | 'user.enabled'
  | 'user.disabled'
  | 'user.deleted'
  | 'user.password_reset'
  | 'user.cameras'
  | 'player_token.created'
  | 'player_token.ended'
  | 'address.unblocked'

export interface AuditFilter {
  readonly action?: string | undefined
  readonly actor?: string | undefined
  /** Only entries older than this id: the next page. */
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

const MAX_DETAIL = 500

/** Notes an act inside the transaction that does it: neither happens without the other. */
export async function note(
  db: WriteHandle,
  actor: Actor,
  action: AuditAction,
  target: string | null = null,
  detail: string | null = null,
): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({
      at: toTimestamp(Date.now()),
      action,
      actor_id: actor.id,
      actor: actor.name.slice(0, MAX_DETAIL),
      target: target?.slice(0, MAX_DETAIL) ?? null,
      ip_address: actor.address,
      detail: detail?.slice(0, MAX_DETAIL) ?? null,
    })
    .execute()
}

/** What was done by whom, newest first. */
export async function readAudit(db: ReadHandle, { action, actor, before, limit = 100 }: AuditFilter) {
  return await db
    .selectFrom('audit_log')
    .selectAll()
    .$if(action !== undefined, query => query.where('action', '=', action!))
    .$if(actor !== undefined, query => query.where('actor', '=', actor!))
    .$if(before !== undefined, query => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export interface AuditLimits {
  readonly maxAgeMs: number
  readonly maxEntries: number
  /** How many entries one call removes at most. */
  readonly batch: number
}

/**
 * Forgets what is older than `maxAgeMs`, and what is beyond `maxEntries`: of whoever has most there, and of that the kind of act that
 * they have done most often. What somebody does displaces nobody else's entries, nor the rare ones of their own. What strangers cause
 * (failed logins) has a tenth of the room at most.
 */
export async function pruneAudit(
  database: Database,
  { maxAgeMs, maxEntries, batch }: AuditLimits,
): Promise<void> {
  await database.write(async db => {
    const old = await db
      .deleteFrom('audit_log')
      .where('id', 'in', inner =>
        inner
          .selectFrom('audit_log')
          .select('id')
          .where('at', '<', toTimestamp(Date.now() - maxAgeMs))
          .orderBy('id')
          .limit(batch),
      )
      .executeTakeFirstOrThrow()
    let room = batch - Number(old.numDeletedRows)
    for (const { actor_id, action, beyond } of tooMany(await countByKind(db), maxEntries)) {
      const removed = Math.min(beyond, room)
      room -= removed
      if (removed > 0) await removeOldest(db, actor_id, action, removed)
    }
  })
}

interface Kind {
  readonly actor_id: number | null
  readonly action: string
  readonly count: number
}

async function countByKind(db: ReadHandle): Promise<Kind[]> {
  return await db
    .selectFrom('audit_log')
    .select(['actor_id', 'action', db.fn.countAll<number>().as('count')])
    .groupBy(['actor_id', 'action'])
    .execute()
}

/** How many of each kind are too many. */
function tooMany(kinds: readonly Kind[], maxEntries: number) {
  const byActor = Map.groupBy(kinds, ({ actor_id }) => actor_id)
  const ofStrangers = Math.floor(maxEntries / 10)
  const held = [...byActor].map(([actor, theirs]) => {
    const count = theirs.reduce((sum, kind) => sum + kind.count, 0)
    return actor === null ? Math.min(count, ofStrangers) : count
  })
  const each = equalPart(held, maxEntries)
  return [...byActor].flatMap(([actor, theirs]) => {
    const most = actor === null ? Math.min(each, ofStrangers) : each
    const ofKind = equalPart(
      theirs.map(({ count }) => count),
      most,
    )
    return theirs.flatMap(kind =>
      kind.count > ofKind ? [{ ...kind, beyond: kind.count - Math.floor(ofKind) }] : [],
    )
  })
}

async function removeOldest(
  db: WriteHandle,
  actor: number | null,
  action: string,
  count: number,
): Promise<void> {
  await db
    .deleteFrom('audit_log')
    .where('id', 'in', inner =>
      inner
        .selectFrom('audit_log')
        .select('id')
        .where('actor_id', 'is', actor)
        .where('action', '=', action)
        .orderBy('id')
        .limit(count),
    )
    .execute()
}
