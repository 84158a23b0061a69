export interface RefreshedOptions {
  /** A value is asked for again when it is older than this, in milliseconds, and not sooner. */
  readonly freshMs: number
  /** A value older than this is not handed out before the upstream has been asked again. */
  readonly staleMs: number
  /** Pause after a failure, so that a dead upstream is not hammered. */
  readonly retryMs: number
}

export interface Known<T> {
  readonly value: T
  /** The upstream could not be asked when it was last tried: this is what it said before. */
  readonly stale: boolean
}

/**
 * One value of an upstream that many want to know: one request at a time however many ask, the known value at
 * once while a newer one is fetched, and the last known one, marked stale, while the upstream is down.
 */
export class Refreshed<T> {
  readonly #load: () => Promise<T>
  readonly #options: RefreshedOptions
  #known: { readonly value: T; readonly at: number } | undefined
  #failure: { readonly error: unknown; readonly at: number } | undefined
  #loading: Promise<void> | undefined

  constructor(load: () => Promise<T>, options: RefreshedOptions) {
    this.#load = load
    this.#options = options
  }

  /** Rejects with the upstream's error if nothing has ever been known. */
  async get(): Promise<Known<T>> {
    const age = performance.now() - (this.#known?.at ?? Number.NEGATIVE_INFINITY)
    if (age > this.#options.freshMs && !this.#resting()) this.#refresh()
    if (age > this.#options.staleMs) await this.#loading
    if (this.#known) return { value: this.#known.value, stale: this.#failure !== undefined }
    throw this.#failure?.error
  }

  /** The next `get` asks the upstream, however fresh the known value is. */
  expire(): void {
    if (this.#known) this.#known = { value: this.#known.value, at: Number.NEGATIVE_INFINITY }
  }

  #resting(): boolean {
    return this.#failure !== undefined && performance.now() - this.#failure.at < this.#options.retryMs
  }

  #refresh(): void {
    this.#loading ??= this.#load()
      .then(
        value => {
          this.#known = { value, at: performance.now() }
          this.#failure = undefined
        },
        error => {
          this.#failure = { error, at: performance.now() }
        },
      )
      .finally(() => {
        this.#loading = undefined
      })
  }
}
