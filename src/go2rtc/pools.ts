import { Pool } from 'undici'

/** Lists and probes: one request for each at a time, however many want to know. */
const CONTROL_CONNECTIONS = 4
/** Streams that a frame is taken of at once. */
export const FRAME_CONNECTIONS = 32
const CONNECT_MS = 5000

/**
 * Connections to go2rtc by purpose, so that none of what clients ask for can keep the list of streams waiting, which
 * authorises everything.
 */
export class Go2rtcPools {
  readonly control: Pool
  readonly frames: Pool
  /** Replies that last as long as their client likes. */
  readonly endless: Pool

  constructor(origin: string, endless: number) {
    const pool = (connections: number, headersTimeout: number) =>
      new Pool(origin, { connections, pipelining: 1, connectTimeout: CONNECT_MS, headersTimeout })
    this.control = pool(CONTROL_CONNECTIONS, 5000)
    this.frames = pool(FRAME_CONNECTIONS, 60_000)
    this.endless = pool(endless, 15_000)
  }

  /** Requests that are under way. */
  get running(): number {
    return this.#all.reduce((sum, { stats }) => sum + stats.running, 0)
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(pool => pool.destroy()))
  }

  get #all(): readonly Pool[] {
    return [this.control, this.frames, this.endless]
  }
}
