/** Who takes a share: a user by id, or an address where nobody is logged in; and which session or token of theirs. */
export interface Owner {
  readonly user: number | string
  readonly token: string
}

export interface ShareOptions {
  /** What is told to whoever gets nothing. */
  readonly refusal: () => Error
  /** Places or bytes there are for all. */
  readonly total: number
  /** Of them, what is only for users who hold less than an equal part; an eighth unless it is set. */
  readonly reserve?: number
}

interface Holding {
  readonly owner: Owner
  readonly amount: number
  readonly evict: (() => void) | undefined
}

/**
 * A bounded number of places, or of bytes, that users share. One user alone may have all but the reserve. When that is used up,
 * only users below an equal part get more, and their tokens in the same way; for them the newest of what the user with most holds is
 * evicted, where it can be.
 */
export class Share {
  readonly total: number
  readonly reserve: number
  readonly #refusal: () => Error
  /** Oldest first. */
  readonly #holdings = new Set<Holding>()
  readonly #ofUser = new Map<Owner['user'], number>()
  /** By user, then by token. */
  readonly #ofToken = new Map<Owner['user'], Map<string, number>>()
  #used = 0

  constructor({ refusal, total, reserve = Math.ceil(total / 8) }: ShareOptions) {
    this.#refusal = refusal
    this.total = total
    this.reserve = total > 1 ? reserve : 0
  }

  get used(): number {
    return this.#used
  }

  usedBy(user: Owner['user']): number {
    return this.#ofUser.get(user) ?? 0
  }

  /** Throws the refusal where `take` would, before anything is begun. */
  admit(owner: Owner, amount = 1): void {
    if (!this.#hasRoom(owner, amount) && !this.#greedier(owner, amount)) throw this.#refusal()
  }

  /**
   * Returns what gives it back, which may be called again. Throws the refusal where there is nothing for this owner. `evict` ends
   * what is held; it is called at most once, and what it ends counts no more from then on.
   */
  take(owner: Owner, amount = 1, evict?: () => void): () => void {
    while (!this.#hasRoom(owner, amount)) {
      const victim = this.#greedier(owner, amount)
      if (!victim) throw this.#refusal()
      this.#remove(victim)
      victim.evict!()
    }
    const holding = { owner, amount, evict }
    this.#holdings.add(holding)
    this.#count(owner, amount)
    return () => this.#remove(holding)
  }

  #hasRoom(owner: Owner, amount: number): boolean {
    const used = this.#used + amount
    if (used <= this.total - this.reserve) return true
    return used <= this.total && this.#isBelowPart(owner, amount)
  }

  #isBelowPart({ user, token }: Owner, amount: number): boolean {
    const tokens = this.#ofToken.get(user)
    const users = this.#ofUser.size + (this.#ofUser.has(user) ? 0 : 1)
    const part = this.total / Math.max(2, users)
    const ofToken = tokens?.get(token)
    const tokenPart = part / ((tokens?.size ?? 0) + (ofToken === undefined ? 1 : 0))
    return this.usedBy(user) + amount <= part && (ofToken ?? 0) + amount <= tokenPart
  }

  /** The newest that can be evicted of whoever has most, if that is more than the owner would have. */
  #greedier(owner: Owner, amount: number): Holding | undefined {
    let worst: Holding | undefined
    for (const holding of this.#holdings)
      if (holding.evict && (!worst || this.#compare(holding.owner, worst.owner) >= 0)) worst = holding
    if (!worst) return undefined
    const { user, token } = worst.owner
    const [theirs, own] =
      user === owner.user
        ? [this.#usedByToken(user, token), this.#usedByToken(user, owner.token)]
        : [this.usedBy(user), this.usedBy(owner.user)]
    return theirs > own + amount ? worst : undefined
  }

  #compare(a: Owner, b: Owner): number {
    return (
      this.usedBy(a.user) - this.usedBy(b.user) ||
      this.#usedByToken(a.user, a.token) - this.#usedByToken(b.user, b.token)
    )
  }

  #usedByToken(user: Owner['user'], token: string): number {
    return this.#ofToken.get(user)?.get(token) ?? 0
  }

  #remove(holding: Holding): void {
    if (this.#holdings.delete(holding)) this.#count(holding.owner, -holding.amount)
  }

  #count({ user, token }: Owner, amount: number): void {
    this.#used += amount
    const tokens = this.#ofToken.get(user) ?? new Map<string, number>()
    this.#ofToken.set(user, tokens)
    add(tokens, token, amount)
    add(this.#ofUser, user, amount)
    if (tokens.size === 0) this.#ofToken.delete(user)
  }
}

function add<K>(counts: Map<K, number>, key: K, amount: number): void {
  const sum = (counts.get(key) ?? 0) + amount
  if (sum > 0) counts.set(key, sum)
  else counts.delete(key)
}
