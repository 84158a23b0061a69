import { openDatabase } from '../../src/database/file/open.ts'

/** A process that starts on a database file, prints who is in it and ends: `node open-database.ts FILE`. */
const database = await openDatabase({ path: process.argv[2]!, connections: 4, waitMs: 10_000 })
const users = await database.read(db => db.selectFrom('users').select('username').orderBy('id').execute())
process.stdout.write(users.map(({ username }) => username).join(', '))
database.close()
