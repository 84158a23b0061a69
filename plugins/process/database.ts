import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/file/open.ts'
import type { Lease, ReadHandle } from '../../src/database/sqlite/lease.ts'

declare module 'fastify' {
  interface FastifyInstance {
    database: Database
  }
  interface FastifyRequest {
    /** A reading handle on one connection of this request: taken at the first query, given back on every way out. */
    readonly db: ReadHandle
    /** Gives the handle back early. A route that hijacks its reply to stream for long calls it first. */
    releaseDb(): void
  }
}

const held = Symbol('lease')
const response = Symbol('response')
type Borrower = FastifyRequest & { [held]: Lease | undefined; [response]: ServerResponse }

export default fp(
  async app => {
    const database = await openDatabase({
      path: app.config.accounts.databasePath,
      connections: app.config.accounts.databaseConnections,
      waitMs: app.config.accounts.databaseWaitMs,
      onExposed: file =>
        app.log.warn({ file }, 'other accounts of this machine may read a file of the database'),
      onBackup: copy => app.log.warn({ copy }, 'the database is brought up to date; a copy was made before'),
    })
    app.addHook('onClose', async () => database.close())
    app.decorate('database', database)
    app.ledger.watch('database handles', () => database.counters.in_use)

    app.decorateRequest(held)
    app.decorateRequest(response)
    app.addHook('onRequest', (request, reply, done) => {
      ;(request as Borrower)[response] = reply.raw
      done()
    })
    app.decorateRequest('db', {
      getter(this: FastifyRequest) {
        return leaseOf(this as Borrower, database).db
      },
    })
    app.decorateRequest('releaseDb', function releaseDb(this: FastifyRequest) {
      ;(this as Borrower)[held]?.release()
    })

    // The payload is decided: whatever is streamed from here on is not read from the database.
    app.addHook('onSend', (request, _reply, _payload, done) => {
      request.releaseDb()
      done()
    })
  },
  { name: 'database', dependencies: ['settings', 'ledger'] },
)

function leaseOf(request: Borrower, database: Database): Lease {
  const already = request[held]
  if (already) return already
  const lease = database.lease()
  request[held] = lease
  // Fires on every way out, also where no reply was ever sent: a client or a timeout that broke it off.
  request[response].once('close', () => lease.release())
  return lease
}
