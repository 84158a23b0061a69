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

/** Forgets what is older than `maxAgeMs` or beyond the newest `maxEntries`, at most `batch` entries a call. */
export async function pruneAudit(
  database: Database,
  { maxAgeMs, maxEntries, batch }: { maxAgeMs: number; maxEntries: number; batch: number },
): Promise<void> {
  await database.write(async db => {
    const beyond = await db
      .selectFrom('audit_log')
      .select('id')
      .orderBy('id', 'desc')
      .offset(maxEntries)
      .limit(1)
      .executeTakeFirst()
    await db
      .deleteFrom('audit_log')
      .where('id', 'in', inner =>
        inner
          .selectFrom('audit_log')
          .select('id')
          .where(where =>
            where.or([
              where('at', '<', toTimestamp(Date.now() - maxAgeMs)),
              where('id', '<=', beyond?.id ?? 0),
            ]),
          )
          .orderBy('id')
          .limit(batch),
      )
      .execute()
  })
}
