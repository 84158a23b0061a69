import { type Actor, note } from '../audit/audit.ts'
import type { Database, WriteHandle } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { networkOf } from '../network/address.ts'
import type { Standing, Waiter } from '../passwords/password-queue.ts'
import { type Attempt, accountSubject, type Client, MAX_NAME, networkSubject, subjectOf } from './attempt.ts'
import { blockedUntil, endOfBlock, shortenBlocks } from './blocks.ts'
import {
  AddressBlocked,
  AddressMissing,
  InvalidCredentials,
  LoginSlowed,
  NotBlocked,
  TooManyAtOnce,
} from './errors.ts'
import { addFailure, failuresOf, forgetFailures } from './failures.ts'
import { type Acquaintance, findAcquaintance, rememberNetwork } from './known-networks.ts'
import { pauseAfter, type Slowdown } from './slowdown.ts'
import { UnderWay } from './under-way.ts'

export interface LoginLimits {
  /** How many failures block. */
  readonly failures: number
  /** Within which time they count together. */
  readonly windowMs: number
  readonly blockMs: number
}

/** So many times the failures that block an address are free to an account, and to all behind an unlisted proxy. */
const FREE_TO_ACCOUNT = 2
const FREE_TO_NETWORK = 5
const MAX_USER_AGENT = 256

/** A counter that slows and never blocks. */
interface Slowed {
  readonly subject: string
  readonly slowdown: Slowdown
}

interface SlowedAttempt extends Slowed {
  /** Attempts that began before this one and are not decided; each may yet turn out a failure. */
  readonly ahead: number
}

/**
 * Blocks whoever guesses passwords, and slows what blocking does not stop. Failures count per address (IPv6: per /64), behind an
 * unlisted proxy per address and name; the fourth blocks. Failures for one account from wherever, and behind an unlisted proxy
 * for all names together, make the next attempt wait longer and longer. That slows nobody whose device has a session of the
 * account, or whose network has logged in to it before: the owner cannot be kept out. However many attempts run at once, no
 * more reach the password check than may still fail.
 */
export class LoginProtection {
  /** Since the start: `refused` without a look at the password. */
  readonly counts = { succeeded: 0, failed: 0, refused: 0 }
  readonly #database: Database
  readonly #limits: LoginLimits
  readonly #underWay = new UnderWay()

  constructor(database: Database, limits: LoginLimits) {
    this.#database = database
    this.#limits = limits
  }

  /**
   * Runs `check` if this client may still try, with its place in the queue for password checks. Throws `ADDRESS_BLOCKED`,
   * `LOGIN_ATTEMPTS_IN_FLIGHT`, `LOGIN_SLOWED` or, when `check` finds nothing, `INVALID_CREDENTIALS`; what `check` throws
   * counts as no attempt.
   */
  async guard<T>(attempt: Attempt, check: (waiter: Waiter) => Promise<T | undefined>): Promise<T> {
    const subject = subjectOf(attempt.client, attempt.username)
    const ahead = this.#underWay.enter(subject)
    const entered = [subject]
    try {
      const acquaintance = await this.#refuseBlocked(attempt, subject, ahead)
      const slowed = isOwner(attempt, acquaintance) ? [] : this.#slowedBy(attempt)
      for (const { subject } of slowed) entered.push(subject)
      await this.#refuseSlowed(slowed.map(one => ({ ...one, ahead: this.#underWay.enter(one.subject) })))
      const found = await check(waiterOf(attempt, acquaintance))
      if (found === undefined) throw await this.#fail(attempt, entered)
      this.counts.succeeded++
      return found
    } finally {
      for (const subject of entered) this.#underWay.leave(subject)
    }
  }

  /** Notes a login that went well, inside the transaction that opens its session. */
  async noteSuccess(db: WriteHandle, { client, username }: Attempt, userId: number): Promise<void> {
    await noteAttempt(db, client, username, true)
    await rememberNetwork(db, userId, networkOf(client.address))
  }

  async listBlocked(db: ReadHandle) {
    const now = Date.now()
    const longest = endOfBlock(now, this.#limits.blockMs)
    const rows = await db
      .selectFrom('blocked_ips')
      .select(['ip_address', 'blocked_at', 'blocked_until', 'failed_attempts', 'reason'])
      .where('blocked_until', '>', toTimestamp(now))
      .orderBy('blocked_at', 'desc')
      .limit(1000)
      .execute()
    return rows.map(row => (row.blocked_until > longest ? { ...row, blocked_until: longest } : row))
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
      await shortenBlocks(db, this.#limits.blockMs, now)
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
      await forgetFailures(db, this.#limits.windowMs, now, batch)
    })
  }

  /** `ahead`: attempts that began before this one and are not decided; each may yet turn out a failure. */
  async #refuseBlocked(
    { client: { address }, username }: Attempt,
    subject: string,
    ahead: number,
  ): Promise<Acquaintance> {
    const now = Date.now()
    const { blockMs, windowMs } = this.#limits
    const network = networkOf(address)
    const { until, failures, acquaintance } = await this.#database.read(async db => ({
      until: await blockedUntil(db, [subject, network, address], now),
      failures: await failuresOf(db, subject, windowMs, now),
      acquaintance: await findAcquaintance(db, username, network),
    }))
    if (until !== undefined) {
      this.counts.refused++
      if (until > now + blockMs + 1000) await this.#database.write(db => shortenBlocks(db, blockMs, now))
      throw new AddressBlocked(Math.min(until, now + blockMs), now)
    }
    if (failures.count + ahead >= this.#limits.failures) {
      this.counts.refused++
      throw new TooManyAtOnce()
    }
    return acquaintance
  }

  #slowedBy({ client, username }: Attempt): Slowed[] {
    const { failures, blockMs } = this.#limits
    const slowdown = (times: number): Slowdown => ({ free: times * failures, longestMs: blockMs })
    const account = { subject: accountSubject(username), slowdown: slowdown(FREE_TO_ACCOUNT) }
    if (!client.sharedAddress) return [account]
    return [account, { subject: networkSubject(client), slowdown: slowdown(FREE_TO_NETWORK) }]
  }

  /** Once the free failures are used up, one attempt is decided at a time. */
  async #refuseSlowed(slowed: readonly SlowedAttempt[]): Promise<void> {
    for (const { subject, slowdown, ahead } of slowed) {
      const now = Date.now()
      const { count, last } = await this.#database.read(db =>
        failuresOf(db, subject, this.#limits.windowMs, now),
      )
      if (count + ahead < slowdown.free) continue
      const left = Math.min(last, now) + pauseAfter(count, slowdown) - now
      if (ahead === 0 && left <= 0) continue
      this.counts.refused++
      throw ahead > 0 ? new TooManyAtOnce() : new LoginSlowed(left)
    }
  }

  /** `subjects`: what the failure counts against; the first of them is blocked by it. */
  async #fail({ client, username }: Attempt, subjects: readonly string[]): Promise<Error> {
    const now = Date.now()
    const { failures: limit, windowMs, blockMs } = this.#limits
    const subject = subjects[0]!
    this.counts.failed++
    return this.#database.write(async db => {
      await noteAttempt(db, client, username, false)
      await note(db, strangerAt(client, username), 'login.failed')
      await addFailure(db, subjects, windowMs, now)
      const { count } = await failuresOf(db, subject, windowMs, now)
      if (count < limit) return new InvalidCredentials(limit - count)
      await this.#block(db, subject, count, now)
      await note(db, strangerAt(client, username), 'login.blocked', subject)
      return new AddressBlocked(now + blockMs, now)
    })
  }

  async #block(db: WriteHandle, subject: string, failures: number, now: number): Promise<void> {
    await db
      .replaceInto('blocked_ips')
      .values({
        ip_address: subject,
        blocked_at: toTimestamp(now),
        blocked_until: endOfBlock(now, this.#limits.blockMs),
        failed_attempts: failures,
        reason: 'Too many failed login attempts',
      })
      .execute()
    // The block stands for them from here on; when it is over, counting starts anew.
    await db.deleteFrom('login_failures').where('subject', '=', subject).execute()
  }
}

function isOwner({ ownDevice }: Attempt, { both }: Acquaintance): boolean {
  return ownDevice || both
}

/** Behind an unlisted proxy, that somebody has logged in from its address says nothing of who tries now. */
function waiterOf(attempt: Attempt, acquaintance: Acquaintance): Waiter {
  const { client, username } = attempt
  const network = networkOf(client.address)
  const standing: Standing =
    isOwner(attempt, acquaintance) || (acquaintance.network && !client.sharedAddress)
      ? 'known'
      : acquaintance.account
        ? 'account'
        : 'stranger'
  const owner =
    standing === 'account' ? { user: username, token: network } : { user: network, token: username }
  return { standing, owner }
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
