import type { WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'

/** The newest networks of an account are kept. */
const KEPT = 50

/** What logins have shown so far of whoever tries to log in. */
export interface Acquaintance {
  /** There is an account of this name. */
  readonly account: boolean
  /** Somebody has logged in from this network. */
  readonly network: boolean
  /** This account has. */
  readonly both: boolean
}

export async function findAcquaintance(
  db: ReadHandle,
  username: string,
  network: string,
): Promise<Acquaintance> {
  const user = await db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirst()
  const known = db.selectFrom('known_networks').select('id').where('network', '=', network).limit(1)
  return {
    account: user !== undefined,
    network: (await known.executeTakeFirst()) !== undefined,
    both: user !== undefined && (await known.where('user_id', '=', user.id).executeTakeFirst()) !== undefined,
  }
}

/** Notes that an account has logged in from a network, inside the transaction that opens its session. */
export async function rememberNetwork(db: WriteHandle, userId: number, network: string): Promise<void> {
  await db.replaceInto('known_networks').values({ user_id: userId, network }).execute()
  await db
    .deleteFrom('known_networks')
    .where('id', 'in', older =>
      older
        .selectFrom('known_networks')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('id', 'desc')
        .limit(-1)
        .offset(KEPT),
    )
    .execute()
}
