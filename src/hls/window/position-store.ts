import { LRUCache } from 'lru-cache'
import type { Database } from '../../database/database.ts'
import type { Position, Positions } from './position.ts'

/** As many as go2rtc can have streams; the ones that were not watched for longest go first. */
const KEPT = 1000

/** Positions in SQLite, one row a stream, written when a window opens, ends, or has used up what it claimed. */
export class PositionStore implements Positions {
  readonly #database: Database
  readonly #onFailure: (error: unknown) => void
  readonly #latest = new LRUCache<string, Position>({ max: KEPT })
  #written: Promise<void> = Promise.resolve()

  /** A failure to read or write is told and does no more harm than a jump in numbers after a restart. */
  constructor(database: Database, onFailure: (error: unknown) => void) {
    this.#database = database
    this.#onFailure = onFailure
  }

  async find(stream: string): Promise<Position | undefined> {
    return this.#latest.get(stream) ?? (await this.#read(stream).catch(this.#onFailure)) ?? undefined
  }

  keep(stream: string, position: Position): void {
    this.#latest.set(stream, position)
    this.#written = this.#written.then(() => this.#write(stream, position)).catch(this.#onFailure)
  }

  settled(): Promise<void> {
    return this.#written
  }

  #read(stream: string): Promise<Position | undefined> {
    return this.#database.read(db =>
      db
        .selectFrom('hls_positions')
        .select(['number', 'seconds', 'discontinuity'])
        .where('stream', '=', stream)
        .executeTakeFirst(),
    )
  }

  async #write(stream: string, position: Position): Promise<void> {
    const row = { ...position, kept_at: Date.now() }
    await this.#database.write(async db => {
      await db
        .insertInto('hls_positions')
        .values({ stream, ...row })
        .onConflict(conflict => conflict.column('stream').doUpdateSet(row))
        .execute()
      await db
        .deleteFrom('hls_positions')
        .where('stream', 'in', old =>
          old.selectFrom('hls_positions').select('stream').orderBy('kept_at', 'desc').limit(-1).offset(KEPT),
        )
        .execute()
    })
  }
}
