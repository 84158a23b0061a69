import { type Answer, isVoid, KINDS } from './answer.ts'
import type { NativeShelf, RepeatBinding } from './binding.ts'

/** Answers by number, of all shelves. */
export class Numbered {
  readonly #answers = new Map<number, Answer>()
  #next = 1

  get size(): number {
    return this.#answers.size
  }

  add(answer: Answer): number {
    const number = this.#next
    // As wide as the addon's numbers are.
    this.#next = number === 0x7fff_ffff ? 1 : number + 1
    this.#answers.set(number, answer)
    return number
  }

  get(number: number): Answer | undefined {
    return this.#answers.get(number)
  }

  delete(number: number): void {
    this.#answers.delete(number)
  }
}

/** What may be answered again, by the end of its path. Without the addon nothing is. */
export class Shelf {
  readonly native: NativeShelf | undefined
  readonly #binding: RepeatBinding | undefined
  readonly #numbered: Numbered
  readonly #numbers = new Map<string, number>()
  #closed = false

  constructor(binding: RepeatBinding | undefined, numbered: Numbered) {
    this.native = binding?.shelf()
    this.#binding = binding
    this.#numbered = numbered
  }

  /** How many requests have been answered from here. */
  get answered(): number {
    return this.native ? this.#binding!.answeredFrom(this.native) : 0
  }

  has(name: string): boolean {
    const number = this.#numbers.get(name)
    return number !== undefined && !isVoid(this.#numbered.get(number)!)
  }

  /** `head` is the status line and the headers of this very answer. */
  put(name: string, head: string, answer: Answer): void {
    if (!this.native || this.#closed) return
    this.#tidy()
    this.take(name)
    const number = this.#numbered.add(answer)
    if (this.#binding!.put(this.native, number, KINDS[answer.kind], name, head, answer.pieces))
      this.#numbers.set(name, number)
    else this.#numbered.delete(number)
  }

  take(name: string): void {
    const number = this.#numbers.get(name)
    if (number === undefined || !this.native) return
    this.#binding!.take(this.native, number)
    this.#numbered.delete(number)
    this.#numbers.delete(name)
  }

  clear(): void {
    for (const name of [...this.#numbers.keys()]) this.take(name)
  }

  /** Takes everything away, for good. */
  close(): void {
    this.#closed = true
    this.clear()
  }

  #tidy(): void {
    for (const [name, number] of [...this.#numbers]) if (isVoid(this.#numbered.get(number)!)) this.take(name)
  }
}
