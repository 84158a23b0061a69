/** What cannot be read; whoever asked for it says in their own words what it should have been. */
export class JsonUnreadable extends Error {
  override readonly name: string = 'JsonUnreadable'
}

/** More than the limit in bytes. */
export class JsonTooLarge extends JsonUnreadable {
  override readonly name = 'JsonTooLarge'
  readonly limit: number

  constructor(limit: number) {
    super(`more than ${limit} bytes`)
    this.limit = limit
  }
}

/** Deeper, or of more values, than the limits say. */
export class JsonUnwieldy extends JsonUnreadable {
  override readonly name = 'JsonUnwieldy'

  constructor() {
    super('too deep, or of too many values')
  }
}
