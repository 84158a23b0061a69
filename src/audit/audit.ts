import type { Database, WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/lease.ts'
import { toTimestamp } from '../database/timestamp.ts'

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
 * Forgets what is older than `maxAgeMs` or beyond the newest `maxEntries`. What strangers cause (failed logins) gets a
 * tenth of the room: whoever is outside must not be able to flush out what was done inside.
 */
export async function pruneAudit(database: Database, limits: AuditLimits): Promise<void> {
  await database.write(async db => {
    const beyond = await lastBeyond(db, limits.maxEntries, false)
    const strangers = await lastBeyond(db, Math.floor(limits.maxEntries / 10), true)
    await db
      .deleteFrom('audit_log')
      .where('id', 'in', inner =>
        inner
          .selectFrom('audit_log')
          .select('id')
          .where(where =>
            where.or([
              where('at', '<', toTimestamp(Date.now() - limits.maxAgeMs)),
              where('id', '<=', beyond),
              where.and([where('actor_id', 'is', null), where('id', '<=', strangers)]),
            ]),
          )
          .orderBy('id')
          .limit(limits.batch),
      )
      .execute()
  })
}

/** The id of the newest entry that is beyond the newest `kept`; 0 if there are no more than that. */
async function lastBeyond(db: ReadHandle, kept: number, ofStrangers: boolean): Promise<number> {
  const row = await db
    .selectFrom('audit_log')
    .select('id')
    .$if(ofStrangers, query => query.where('actor_id', 'is', null))
    .orderBy('id', 'desc')
    .offset(kept)
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? 0
}
