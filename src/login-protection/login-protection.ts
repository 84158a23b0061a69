import { type Actor, note } from '../audit/audit.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/lease.ts'
import { fromTimestamp, toTimestamp } from '../database/timestamp.ts'
import { networkOf } from '../network/address.ts'
import { AddressBlocked, AddressMissing, InvalidCredentials, NotBlocked, TooManyAtOnce } from './errors.ts'

export interface LoginLimits {
  /** How many failures block. */
  readonly failures: number
  /** Within which time they count together. */
  readonly windowMs: number
  readonly blockMs: number
}

/** Where somebody logs in from. */
export interface Client {
  readonly address: string
  readonly userAgent: string
  /** The address is a proxy's that nobody has listed as trusted: many people may stand behind it. */
  readonly sharedAddress: boolean
}

const MAX_NAME = 64
const MAX_USER_AGENT = 256

/**
 * Blocks whoever guesses passwords. Failures count per address (IPv6: per /64), behind an unlisted proxy per
 * address and name. However many attempts run at once, no more reach the password check than may still fail.
 */
export class LoginProtection {
  /** Since the start: `refused` without a look at the password. */
  readonly counts = { succeeded: 0, failed: 0, refused: 0 }
  readonly #database: Database
  readonly #limits: LoginLimits
  readonly #underWay = new Map<string, number>()

  constructor(database: Database, limits: LoginLimits) {
    this.#database = database
    this.#limits = limits
  }

  /**
   * Runs `check` if this client may still try. Throws `ADDRESS_BLOCKED`, `LOGIN_ATTEMPTS_IN_FLIGHT` or, when
   * `check` finds nothing, `INVALID_CREDENTIALS`; what `check` throws counts as no attempt.
   */
  async guard<T>(client: Client, username: string, check: () => Promise<T | undefined>): Promise<T> {
    const subject = subjectOf(client, username)
    const ahead = this.#underWay.get(subject) ?? 0
    this.#underWay.set(subject, ahead + 1)
    try {
      await this.#refuseBlocked(subject, client.address, ahead)
      const found = await check()
      if (found === undefined) throw await this.#fail(subject, client, username)
      this.counts.succeeded++
      return found
    } finally {
      const left = this.#underWay.get(subject)! - 1
      if (left === 0) this.#underWay.delete(subject)
      else this.#underWay.set(subject, left)
    }
  }

  /** Notes a login that went well, inside the transaction that opens its session. */
  async noteSuccess(db: WriteHandle, client: Client, username: string): Promise<void> {
    await noteAttempt(db, client, username, true)
  }

  async listBlocked(db: ReadHandle) {
    return await db
      .selectFrom('blocked_ips')
      .select(['ip_address', 'blocked_at', 'blocked_until', 'failed_attempts', 'reason'])
      .where('blocked_until', '>', toTimestamp(Date.now()))
      .orderBy('blocked_at', 'desc')
      .limit(1000)
      .execute()
  }

  /** Lifts a block and forgets the failures, else the next typo would block again. */
  async unblock(actor: Actor, address: string | undefined): Promise<void> {
    if (!address) throw new AddressMissing()
    const subjects = [address, networkOf(address)]
    await this.#database.write(async db => {
      const lifted = await db
        .deleteFrom('blocked_ips')
        .where('ip_address', 'in', subjects)
        .where('blocked_until', '>', toTimestamp(Date.now()))
        .returning('id')
        .execute()
      if (lifted.length === 0) throw new NotBlocked()
      await db.deleteFrom('login_failures').where('subject', 'in', subjects).execute()
      await note(db, actor, 'address.unblocked', address)
    })
  }

  /** Forgets blocks that are over and failures that count no more, at most `batch` of each. */
  async removeExpired(batch: number): Promise<void> {
    const now = Date.now()
    await this.#database.write(async db => {
      await db
        .deleteFrom('blocked_ips')
        .where('id', 'in', over =>
          over
            .selectFrom('blocked_ips')
            .select('id')
            .where('blocked_until', '<=', toTimestamp(now))
            .limit(batch),
        )
        .execute()
      await db
        .deleteFrom('login_failures')
        .where('id', 'in', over =>
          over
            .selectFrom('login_failures')
            .select('id')
            .where('failed_at', '<=', now - this.#limits.windowMs)
            .limit(batch),
        )
        .execute()
    })
  }

  /** `ahead`: attempts that began before this one and are not decided; each may yet turn out a failure. */
  async #refuseBlocked(subject: string, address: string, ahead: number): Promise<void> {
    const now = Date.now()
    const { block, failures } = await this.#database.read(async db => ({
      block: await db
        .selectFrom('blocked_ips')
        .select('blocked_until')
        .where('ip_address', 'in', [subject, networkOf(address), address])
        .where('blocked_until', '>', toTimestamp(now))
        .executeTakeFirst(),
      failures: await this.#countFailures(db, subject, now),
    }))
    const full = failures + ahead >= this.#limits.failures
    if (block || full) this.counts.refused++
    if (block) throw new AddressBlocked(fromTimestamp(block.blocked_until), now)
    if (full) throw new TooManyAtOnce()
  }

  async #fail(subject: string, client: Client, username: string): Promise<Error> {
    const now = Date.now()
    this.counts.failed++
    return this.#database.write(async db => {
      await noteAttempt(db, client, username, false)
      await note(db, strangerAt(client, username), 'login.failed')
      await db.insertInto('login_failures').values({ subject, failed_at: now }).execute()
      const failures = await this.#countFailures(db, subject, now)
      if (failures < this.#limits.failures) return new InvalidCredentials(this.#limits.failures - failures)
      await this.#block(db, subject, failures, now)
      await note(db, strangerAt(client, username), 'login.blocked', subject)
      return new AddressBlocked(now + this.#limits.blockMs, now)
    })
  }

  async #block(db: WriteHandle, subject: string, failures: number, now: number): Promise<void> {
    await db
      .replaceInto('blocked_ips')
      .values({
        ip_address: subject,
        blocked_at: toTimestamp(now),
        blocked_until: toTimestamp(now + this.#limits.blockMs + 999),
        failed_attempts: failures,
        reason: 'Too many failed login attempts',
      })
      .execute()
    // The block stands for them from here on; when it is over, counting starts anew.
    await db.deleteFrom('login_failures').where('subject', '=', subject).execute()
  }

  async #countFailures(db: ReadHandle, subject: string, now: number): Promise<number> {
    const { count } = await db
      .selectFrom('login_failures')
      .select(db.fn.countAll<number>().as('count'))
      .where('subject', '=', subject)
      .where('failed_at', '>', now - this.#limits.windowMs)
      .executeTakeFirstOrThrow()
    return count
  }
}

/** Whom a failure counts against, as administrators see and unblock it. */
export function subjectOf(
  { address, sharedAddress }: Pick<Client, 'address' | 'sharedAddress'>,
  username: string,
) {
  return sharedAddress ? `${networkOf(address)} (${username.slice(0, MAX_NAME)})` : networkOf(address)
}

function strangerAt({ address }: Client, username: string): Actor {
  return { id: null, name: username.slice(0, MAX_NAME), address }
}

async function noteAttempt(
  db: WriteHandle,
  client: Client,
  username: string,
  success: boolean,
): Promise<void> {
  await db
    .insertInto('login_attempts')
    .values({
      ip_address: client.address,
      username: username.slice(0, MAX_NAME),
      success: success ? 1 : 0,
      attempt_time: toTimestamp(Date.now()),
      user_agent: client.userAgent.slice(0, MAX_USER_AGENT),
    })
    .execute()
}
