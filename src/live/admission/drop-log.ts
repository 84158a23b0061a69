import { later } from '../../ledger/timers.ts'

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

const EVERY_MS = 1000

/** Says what was dropped, at most once a second, all streams in one line. */
export class DropLog {
  readonly #log: Log
  readonly #streams = new Map<string, { packets: number; bytes: number }>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: Log) {
    this.#log = log
  }

  add(stream: string, packets: number, bytes: number): void {
    const sum = this.#streams.get(stream) ?? { packets: 0, bytes: 0 }
    sum.packets += packets
    sum.bytes += bytes
    this.#streams.set(stream, sum)
    this.#timer ??= later(EVERY_MS, () => this.#write())
  }

  close(): void {
    if (this.#timer) this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#log.warn({ dropped: Object.fromEntries(this.#streams) }, 'slow viewers were skipped forward')
    this.#streams.clear()
  }
}
