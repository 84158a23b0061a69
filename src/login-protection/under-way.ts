/** Counts what is under way, by subject. */
export class UnderWay {
  readonly #counts = new Map<string, number>()

  of(subject: string): number {
    return this.#counts.get(subject) ?? 0
  }

  /** Returns how many were under way before. */
  enter(subject: string): number {
    const ahead = this.of(subject)
    this.#counts.set(subject, ahead + 1)
    return ahead
  }

  leave(subject: string): void {
    const left = this.of(subject) - 1
    if (left > 0) this.#counts.set(subject, left)
    else this.#counts.delete(subject)
  }
}
