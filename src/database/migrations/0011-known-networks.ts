import { type Kysely, sql } from 'kysely'
import { networkOf } from '../../network/address.ts'

/** More logins than these are not looked at: each account is known again with its next one. */
const MOST = 5000

/** Where each account has logged in from; what is known of the past is taken over, newest last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('known_networks')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('user_id', 'integer', column => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('network', 'text', column => column.notNull())
    .addUniqueConstraint('known_networks_once', ['user_id', 'network'])
    .execute()
  await db.schema.createIndex('known_networks_by_network').on('known_networks').column('network').execute()

  const { rows } = await sql<{ user_id: number; address: string }>`
    select users.id as user_id, login_attempts.ip_address as address, max(login_attempts.attempt_time) as at
      from login_attempts join users on users.username = login_attempts.username
      where login_attempts.success = 1 group by users.id, login_attempts.ip_address
    union all
    select user_id, ip_address as address, max(created_at) as at from sessions group by user_id, ip_address
    order by at desc limit ${MOST}`.execute(db)
  for (const { user_id, address } of rows.reverse())
    await sql`insert or replace into known_networks (user_id, network) values (${user_id}, ${networkOf(address)})`.execute(
      db,
    )
}
