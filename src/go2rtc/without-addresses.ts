const LONGEST = 300
/** Nothing that is worth reading is longer, in characters. */
const LONGEST_WORD = 100

/**
 * What go2rtc says of a failure, fit for viewers and logs: its sentences name sources, and those hold camera passwords. What
 * could be an address, a command or a login is left out, rather too much than too little; the rest is one line.
 */
export function withoutAddresses(text: string): string {
  const words = text.slice(0, 4 * LONGEST).split(/\s+/)
  const line = words.filter(word => word !== '').join(' ')
  // A command is all that follows: its arguments are sources too.
  const said = line.replace(/\b(?:exec|ffmpeg|echo|expr):.*/i, '…')
  return withoutQuoted(said).split(' ').map(withoutAddress).join(' ').slice(0, LONGEST)
}

/** What stands in quotes with a scheme or login in it; what is quoted may have escaped quotes in it. */
function withoutQuoted(line: string): string {
  let left = ''
  let from = 0
  for (let start = line.indexOf('"'); start !== -1; start = line.indexOf('"', from)) {
    const end = endOfQuoted(line, start)
    if (end === undefined) break
    const quoted = line.slice(start, end)
    left += line.slice(from, start) + (/:\/\/|@|:\w/.test(quoted) ? '…' : quoted)
    from = end
  }
  return left + line.slice(from)
}

function endOfQuoted(line: string, start: number): number | undefined {
  for (let at = start + 1; at < line.length; at++)
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at + 1
  return undefined
}

function withoutAddress(word: string, index: number, words: readonly string[]): string {
  const isHost = index > 0 && /\blookup$/i.test(words[index - 1]!.slice(-LONGEST_WORD))
  if (word.includes('@') || word.length > LONGEST_WORD || (isHost && word !== '')) return '…'
  return ADDRESSES.reduce((left, pattern) => left.replace(pattern, '…'), word)
}

/** What looks like an address, each in a word of at most `LONGEST_WORD` characters. */
const ADDRESSES: readonly RegExp[] = [
  /(?<![\w+.-])[\w+.-]+:(?:\/\/|#).*/g,
  /\[[0-9a-f:.%\w]*:[0-9a-f:.%\w]*\](?::\d+)?/gi,
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/g,
  /(?<![\w.:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi,
  /(?<![\w.-])[\w.-]+:\d{2,5}\b/g,
]
