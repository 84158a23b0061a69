import { JsonTooLarge, JsonUnreadable } from './errors.ts'

/** Which array or object of a JSON text is read. */
export interface Container {
  readonly kind: 'array' | 'object'
  /** The names that lead to it from the outermost object; none where it is the outermost itself. */
  readonly path: readonly string[]
}

/** `name` where it is an object's. */
export interface RawMember {
  readonly name: string | undefined
  /** `undefined`: it is larger than a member may be. */
  readonly text: string | undefined
}

const MOST_NAME_BYTES = 1024

/**
 * Splits one array or object in a JSON text (RFC 8259) into its members, through chunks that are split anywhere, in time that is linear
 * in their length. It holds at most one member, as far as that is not too large, and keeps nothing of what is outside the container,
 * which is not checked beyond its brackets and strings. Throws `JsonUnreadable` at a text that has no such container.
 */
export class MemberSplitter {
  readonly #container: Container
  readonly #memberBytes: number
  /** Arrays and objects that are open, and how many of them, from the outermost, lead to the container or are it. */
  #depth = 0
  #onPath = 0
  #inString = false
  #escaped = false
  /** In an object of the path: whether a name comes next, and the last one. */
  #namesNext = false
  #name = ''
  #members = 0
  #found = false
  /** Where in the chunk a name or member begins that is kept, -1 if none does; what earlier chunks had of it. */
  #start = -1
  #kept: Buffer[] = []
  #keptBytes = 0
  /** What begins at `#start` is larger than it may be: no more is kept of it. */
  #tooLarge = false

  /** A member may have `memberBytes`. */
  constructor(container: Container, memberBytes: number) {
    this.#container = container
    this.#memberBytes = memberBytes
  }

  /** The members that are complete with this chunk. */
  push(chunk: Buffer): RawMember[] {
    const complete: RawMember[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#inString) at = this.#readString(chunk, at)
      else if (this.#depth > this.#onPath) at = this.#skip(chunk, at)
      else this.#read(chunk[at]!, chunk, at++, complete)
    }
    this.#keepRest(chunk)
    return complete
  }

  /** Throws if the text is not complete. */
  end(): void {
    if (this.#depth > 0 || !this.#found) throw new JsonUnreadable('incomplete')
  }

  get #mayBeEmpty(): boolean {
    return this.#container.kind === 'array' && this.#members === 0
  }

  get #inside(): boolean {
    return this.#onPath === this.#container.path.length + 1
  }

  /** Reads on to behind the end of a string. */
  #readString(chunk: Buffer, from: number): number {
    let escaped = this.#escaped
    for (let at = from; at < chunk.length; at++) {
      const code = chunk[at]
      if (escaped) escaped = false
      else if (code === BACKSLASH) escaped = true
      else if (code === QUOTE) {
        this.#escaped = false
        this.#endString(chunk, at)
        return at + 1
      }
    }
    this.#escaped = escaped
    return chunk.length
  }

  /** Reads on to behind the next string's beginning, or to where the path goes on, through what is not on it. */
  #skip(chunk: Buffer, from: number): number {
    let depth = this.#depth
    let at = from
    while (at < chunk.length && depth > this.#onPath) {
      const code = chunk[at++]
      if (code === QUOTE) {
        this.#inString = true
        break
      }
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
    }
    this.#depth = depth
    return at
  }

  /** Reads a character that is on the path and in no string. */
  #read(code: number, chunk: Buffer, at: number, complete: RawMember[]): void {
    switch (code) {
      case QUOTE:
        this.#inString = true
        if (this.#namesNext) this.#start = at
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#open(code, at)
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#close(chunk, at, complete)
        break
      case COMMA:
        if (this.#inside) this.#endMember(chunk, at, complete)
        this.#namesNext = !this.#inside || this.#container.kind === 'object'
        if (this.#inside && !this.#namesNext) this.#start = at + 1
        break
      case COLON:
        if (this.#namesNext) throw new JsonUnreadable('a value without a name')
        if (this.#inside && this.#start === -1) this.#start = at + 1
        break
    }
    if (this.#depth === 0 && code > SPACE && code !== CLOSE_OBJECT && code !== CLOSE_ARRAY)
      throw new JsonUnreadable('neither an array nor an object')
  }

  #open(code: number, at: number): void {
    this.#depth++
    const { path, kind } = this.#container
    const isOnPath = !this.#inside && (this.#onPath === 0 || this.#name === path[this.#onPath - 1])
    if (!isOnPath) return
    if (this.#onPath === 0 && this.#found) throw new JsonUnreadable('more than one text')
    const isContainer = this.#onPath === path.length
    if ((code === OPEN_ARRAY) !== (isContainer && kind === 'array')) throw new JsonUnreadable('another kind')
    this.#onPath++
    this.#namesNext = code === OPEN_OBJECT
    if (code === OPEN_ARRAY) this.#start = at + 1
  }

  #close(chunk: Buffer, at: number, complete: RawMember[]): void {
    if (this.#depth === 0) throw new JsonUnreadable('closed twice')
    if (this.#inside) {
      if (this.#start !== -1) this.#endMember(chunk, at, complete, this.#mayBeEmpty)
      else if (this.#members > 0 || !this.#namesNext) throw new JsonUnreadable('a name without a value')
      this.#found = true
    }
    this.#onPath--
    this.#namesNext = false
    this.#depth--
  }

  #endString(chunk: Buffer, at: number): void {
    this.#inString = false
    if (!this.#namesNext || this.#depth !== this.#onPath) return
    this.#namesNext = false
    const name = this.#take(chunk, at + 1, MOST_NAME_BYTES)
    if (name === undefined) throw new JsonTooLarge(MOST_NAME_BYTES)
    this.#name = nameOf(name)
  }

  #endMember(chunk: Buffer, at: number, complete: RawMember[], mayBeNone = false): void {
    if (this.#start === -1) throw new JsonUnreadable('a name without a value')
    const text = this.#take(chunk, at, this.#memberBytes)
    if (mayBeNone && text?.trim() === '') return
    this.#members++
    complete.push({ name: this.#container.kind === 'object' ? this.#name : undefined, text })
  }

  /** `undefined` if it is larger than `most`. */
  #take(chunk: Buffer, end: number, most: number): string | undefined {
    const rest = chunk.subarray(this.#start, end)
    const kept = this.#kept
    const fits = !this.#tooLarge && this.#keptBytes + rest.length <= most
    this.#start = -1
    this.#kept = []
    this.#keptBytes = 0
    this.#tooLarge = false
    if (!fits) return undefined
    return kept.length === 0 ? rest.toString() : Buffer.concat([...kept, rest]).toString()
  }

  /** Copies what goes on in the next chunk: a view would keep all of this one. */
  #keepRest(chunk: Buffer): void {
    if (this.#start === -1) return
    const rest = chunk.subarray(this.#start)
    this.#start = 0
    this.#keptBytes += rest.length
    this.#tooLarge ||= this.#keptBytes > this.#memberBytes
    if (this.#tooLarge) this.#kept = []
    else this.#kept.push(Buffer.from(rest))
  }
}

function nameOf(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new JsonUnreadable('a name that is none')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** What is not above it is white space, or a control character that JSON does not have. */
const SPACE = 0x20
