const HIDDEN = '…'
/** A token or a key is no shorter than this, in characters; what is shorter and begins like one is a word. */
const SHORTEST = 12

/** A prefix, in lower case, and what of the secret behind it is left out. */
interface Rule {
  readonly prefix: string
  /** `value`: up to the next delimiter. `segment`: one segment of a path. `whole`: the prefix too, where it begins a long word. */
  readonly hides: 'value' | 'segment' | 'whole'
}

const RULES: readonly Rule[] = [
  { prefix: 'token=', hides: 'value' },
  { prefix: 'password=', hides: 'value' },
  { prefix: 'bearer ', hides: 'value' },
  { prefix: 'hls/', hides: 'segment' },
  { prefix: 'cgp_', hides: 'whole' },
  { prefix: 'eyj', hides: 'whole' },
]

/** Kinds of path handles that stand before the handle itself. */
const KINDS = ['clip/', 'recording/']
/** A path of this kind names a stream where other paths have a handle. */
const NAMES_A_STREAM = 'go2rtc/'

/**
 * The text with what is a secret left out: the values of parameters that are called a token or password, wherever they
 * stand and however their names are spelt (`%74oken`, `;TOKEN=`), the path handles of playlists, and words that look like
 * a session's or a player's token. The time that it takes is linear in the length of the text.
 */
export function withoutSecrets(text: string): string {
  let kept = ''
  let from = 0
  let at = 0
  while (at < text.length) {
    const secret = secretAt(text, at)
    if (secret) {
      kept += text.slice(from, secret.start) + HIDDEN
      from = secret.end
    }
    at = secret ? secret.end : at + 1
  }
  return from === 0 ? text : kept + text.slice(from)
}

/** The secret whose prefix begins at `at`. */
function secretAt(text: string, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = letterAt(text, at)
  for (const { prefix, hides } of RULES) {
    if (prefix.charCodeAt(0) !== first) continue
    let start = behind(text, at, prefix)
    if (start === undefined) continue
    if (hides === 'segment') {
      if (text.slice(Math.max(0, at - NAMES_A_STREAM.length), at).toLowerCase() === NAMES_A_STREAM) continue
      for (const kind of KINDS) start = behind(text, start, kind) ?? start
    }
    const end = endOf(text, start, hides === 'value' ? VALUE_ENDS : SEGMENT_ENDS)
    if (hides === 'whole' && end - at >= SHORTEST) return { start: at, end }
    if (hides !== 'whole' && end > start) return { start, end }
  }
  return undefined
}

/** Where what is behind `prefix` begins if the text has it at `at`, in whatever case and with whatever percent-encoded. */
function behind(text: string, at: number, prefix: string): number | undefined {
  let position = at
  for (let i = 0; i < prefix.length; i++) {
    if (letterAt(text, position) !== prefix.charCodeAt(i)) return undefined
    position += text.charCodeAt(position) === PERCENT ? 3 : 1
  }
  return position
}

/** The code of the character at `at`, decoded (RFC 3986, 2.1) and in lower case. */
function letterAt(text: string, at: number): number {
  let code = text.charCodeAt(at)
  if (code === PERCENT) code = hexDigit(text.charCodeAt(at + 1)) * 16 + hexDigit(text.charCodeAt(at + 2))
  return code >= UPPER_A && code <= UPPER_Z ? code + TO_LOWER : code
}

/** `NaN` if it is none. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO
  const letter = (code | TO_LOWER) - LOWER_A
  return letter >= 0 && letter < 6 ? letter + 10 : Number.NaN
}

function endOf(text: string, start: number, delimiters: ReadonlySet<number>): number {
  let end = start
  while (end < text.length && !delimiters.has(text.charCodeAt(end))) end++
  return end
}

const PERCENT = 0x25
const ZERO = 0x30
const NINE = 0x39
const UPPER_A = 0x41
const UPPER_Z = 0x5a
const LOWER_A = 0x61
const TO_LOWER = 0x20

const VALUE_ENDS = codesOf('&#; \t\r\n"\'\\<>,)}]')
const SEGMENT_ENDS = codesOf('/?&#; \t\r\n"\'\\<>,)}]')

function codesOf(characters: string): ReadonlySet<number> {
  return new Set([...characters].map(character => character.charCodeAt(0)))
}
