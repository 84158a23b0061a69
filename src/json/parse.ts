import { JsonUnreadable, JsonUnwieldy } from './errors.ts'

export interface JsonLimits {
  /** Of arrays and objects within each other. */
  readonly depth: number
  /** Of everything that is in them, and of them. */
  readonly values: number
}

/** What nothing that is read here comes near to. */
export const USUAL: JsonLimits = { depth: 32, values: 20_000 }

/**
 * `JSON.parse` for texts of others. A limit in bytes is none for what is made of them: two bytes can be an object of fifty. So the text is
 * looked through first. Throws `JsonUnwieldy` beyond the limits, and `JsonUnreadable` at what is no JSON.
 */
export function parseJson(text: string, limits: JsonLimits = USUAL): unknown {
  check(text, limits)
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonUnreadable('no JSON')
  }
}

function check(text: string, { depth, values }: JsonLimits): void {
  let open = 0
  let count = 1
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        continue
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        open++
        count++
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open--
        break
      case COMMA:
        count++
    }
    if (open > depth || count > values) throw new JsonUnwieldy()
  }
}

/** Where the string ends that begins at `start`, or the text does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text.charCodeAt(start - 1) === BACKSLASH) start--
  return (at - start) % 2 === 1
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
