/** What is open now, and how many there have been where that is counted. */
export interface LedgerEntry {
  readonly open: number
  readonly total?: number
}

/**
 * Counts by kind what is acquired and not yet released: whatever stays open when nobody uses the server is a leak.
 * Owners that keep a count of their own are read, all others are counted here.
 */
export class Ledger {
  readonly #counted = new Map<string, { open: number; total: number }>()
  readonly #read = new Map<string, () => number>()

  /** Counts one more of a kind until the returned function is called; to call it again has no effect. */
  acquire(kind: string): () => void {
    const entry = this.#entry(kind)
    entry.open++
    entry.total++
    let held = true
    return () => {
      if (!held) return
      held = false
      entry.open--
    }
  }

  /** Takes what is open of a kind from whoever counts it already. */
  watch(kind: string, open: () => number): void {
    this.#read.set(kind, open)
  }

  /** Of every kind that was ever seen. */
  describe(): Record<string, LedgerEntry> {
    const entries: Record<string, LedgerEntry> = {}
    for (const [kind, open] of this.#read) entries[kind] = { open: open() }
    for (const [kind, { open, total }] of this.#counted) entries[kind] = { open, total }
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

  #entry(kind: string) {
    let entry = this.#counted.get(kind)
    if (!entry) {
      entry = { open: 0, total: 0 }
      this.#counted.set(kind, entry)
    }
    return entry
  }
}
