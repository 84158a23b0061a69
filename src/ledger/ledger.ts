import { every, type Task } from './timers.ts'

/** What is open now, and how many there have been where that is counted. */
export interface LedgerEntry {
  readonly open: number
  readonly total?: number
  /** Beside those that are open: what the server has for itself. */
  readonly lasting?: number
}

/**
 * Counts by kind what is acquired and not yet released: whatever stays open when nobody uses the server is a leak.
 * Owners that keep a count of their own are read, all others are counted here.
 */
export class Ledger {
  readonly #counted = new Map<string, { open: number; total: number; lasting: number }>()
  readonly #read = new Map<string, () => number>()
  readonly #onFailure: (error: unknown) => void
  #failures = 0

  /** `onFailure` is told what periodic tasks throw; they go on. */
  constructor(onFailure: (error: unknown) => void = () => {}) {
    this.#onFailure = onFailure
  }

  /** How often a periodic task threw since the start. */
  get failures(): number {
    return this.#failures
  }

  /** Counts one more of a kind until the returned function is called; to call it again has no effect. */
  acquire(kind: string): () => void {
    return this.#count(kind, 'open')
  }

  /** A timer of somebody's, who is gone one day. */
  readonly every = (ms: number, task: Task): (() => void) => this.#timer('open', ms, task)

  /** A timer of the server's own, whoever uses it. */
  readonly always = (ms: number, task: Task): (() => void) => this.#timer('lasting', ms, task)

  /** Takes what is open of a kind from whoever counts it already. */
  watch(kind: string, open: () => number): void {
    this.#read.set(kind, open)
  }

  /** Of every kind that was ever seen. */
  describe(): Record<string, LedgerEntry> {
    const entries: Record<string, LedgerEntry> = {}
    for (const [kind, open] of this.#read) entries[kind] = { open: open() }
    for (const [kind, { open, total, lasting }] of this.#counted)
      entries[kind] = { open, total, ...(lasting > 0 ? { lasting } : {}) }
    return entries
  }

  /** The kinds of which something is open; empty when all is released. */
  unreleased(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.describe())
        .filter(([, { open }]) => open !== 0)
        .map(([kind, { open }]) => [kind, open]),
    )
  }

  /** As `unreleased`, for a server that has ended: nothing lasts any longer. */
  left(): Record<string, number> {
    const left = this.unreleased()
    for (const [kind, { lasting }] of this.#counted) if (lasting > 0) left[kind] = (left[kind] ?? 0) + lasting
    return left
  }

  #timer(as: 'open' | 'lasting', ms: number, task: Task): () => void {
    const stop = every(ms, task, error => {
      this.#failures++
      this.#onFailure(error)
    })
    const release = this.#count('timers', as)
    return () => {
      stop()
      release()
    }
  }

  #count(kind: string, as: 'open' | 'lasting'): () => void {
    const entry = this.#entry(kind)
    entry[as]++
    entry.total++
    let held = true
    return () => {
      if (!held) return
      held = false
      entry[as]--
    }
  }

  #entry(kind: string) {
    let entry = this.#counted.get(kind)
    if (!entry) {
      entry = { open: 0, total: 0, lasting: 0 }
      this.#counted.set(kind, entry)
    }
    return entry
  }
}
