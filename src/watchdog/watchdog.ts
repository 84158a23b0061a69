import { type Load, nextStage, type Stage, severity } from './stage.ts'
import type { Thresholds } from './thresholds.ts'

export type Action = 'trim' | 'shed' | 'restart'

/** What was done, with the load before and after it. */
export interface Done {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly action: Action
  readonly before: Load
  readonly after: Load
  /** How many objects or viewers went. */
  readonly released: number
}

/** What the watchdog acts upon; each of its means is somebody else's. */
export interface WatchdogPorts {
  /** Milliseconds since the epoch, by a clock that may be set meanwhile. */
  now(): number
  /** Milliseconds since the process started, by one that only goes on. */
  uptime(): number
  read(): Load
  /** Lets go of what nobody needs at the moment; resolves to how much that was. */
  trim(): Promise<number>
  /** New viewers are refused and lagging ones skipped sooner, or not any more. */
  strain(on: boolean): void
  /** Disconnects the most backlogged viewers; returns how many. */
  disconnect(): number
  /** Ends the process in order, so that it is started again. */
  restart(): void
  /** Each action, and each change of stage. */
  report(message: string, fields: object): void
}

export interface WatchdogOptions {
  readonly thresholds: Thresholds
  /** Whoever runs the process starts it again. */
  readonly supervised: boolean
}

const TRIM_AGAIN_MS = 60_000
/** So many looks in a row at which only a restart would help. */
const RESTART_LOOKS = 4
/** The next process starts its own count: there is at most one restart in so long. */
const RESTART_MS = 15 * 60_000
const KEPT = 20

/**
 * Looks at the load again and again and does the least that it calls for: trim, shed viewers, restart. Stages have
 * hysteresis; a restart comes only where trimming did not help and something will start the process again.
 */
export class Watchdog {
  readonly counts: Record<Action, number> = { trim: 0, shed: 0, restart: 0 }
  readonly #ports: WatchdogPorts
  readonly #options: WatchdogOptions
  readonly #done: Done[] = []
  #stage: Stage = 'normal'
  #trimmedAt = Number.NEGATIVE_INFINITY
  #looks = 0
  #restarting = false
  #saidWhyNot = false

  constructor(options: WatchdogOptions, ports: WatchdogPorts) {
    this.#options = options
    this.#ports = ports
  }

  get stage(): Stage {
    return this.#stage
  }

  /** For an administrator: the last actions, oldest first. */
  describe() {
    return { stage: this.#stage, counts: this.counts, last_actions: [...this.#done] }
  }

  /** One look, and what follows from it. */
  async look(load: Load): Promise<void> {
    if (this.#restarting) return
    const stage = nextStage(load, this.#stage, this.#options.thresholds)
    if (stage !== this.#stage) this.#enter(stage, load)
    if (severity(stage) >= severity('trim')) await this.#trim(load)
    if (severity(stage) >= severity('shed')) this.#disconnect()
    this.#looks = stage === 'restart' ? this.#looks + 1 : 0
    if (this.#looks >= RESTART_LOOKS) this.#restart()
  }

  #enter(stage: Stage, load: Load): void {
    const strained = severity(this.#stage) >= severity('shed')
    const strain = severity(stage) >= severity('shed')
    this.#ports.report(`memory stage ${stage}`, { before: this.#stage, ...load })
    this.#stage = stage
    if (strain === strained) return
    this.#ports.strain(strain)
    if (strain) this.#record('shed', load, 0, 'memory: new viewers are refused')
  }

  async #trim(before: Load): Promise<void> {
    const now = this.#ports.uptime()
    if (now - this.#trimmedAt < TRIM_AGAIN_MS) return
    this.#trimmedAt = now
    const released = await this.#ports.trim()
    this.#record('trim', before, released, 'memory trimmed')
  }

  #disconnect(): void {
    const before = this.#ports.read()
    const gone = this.#ports.disconnect()
    if (gone > 0) this.#record('shed', before, gone, 'memory: the most backlogged viewers are disconnected')
  }

  #restart(): void {
    const load = this.#ports.read()
    if (nextStage(load, 'normal', this.#options.thresholds) !== 'restart') return
    const why = this.#whyNot()
    if (why !== undefined) {
      if (!this.#saidWhyNot) this.#ports.report(`memory: a restart would help, but ${why}`, load)
      this.#saidWhyNot = true
      return
    }
    this.#restarting = true
    this.#record('restart', load, 0, 'memory: restarting')
    this.#ports.restart()
  }

  #whyNot(): string | undefined {
    if (!this.#options.supervised) return 'nothing would start this process again (SUPERVISED is not set)'
    if (this.#ports.uptime() < RESTART_MS) return 'it started less than 15 minutes ago'
    return undefined
  }

  #record(action: Action, before: Load, released: number, message: string): void {
    const done = { at: this.#ports.now(), action, before, after: this.#ports.read(), released }
    this.counts[action]++
    this.#done.push(done)
    if (this.#done.length > KEPT) this.#done.shift()
    this.#ports.report(message, done)
  }
}
