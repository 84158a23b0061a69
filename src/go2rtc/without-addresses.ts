const LONGEST = 300

/**
 * What go2rtc says of a failure, fit for viewers and logs: its sentences name sources, and those hold camera passwords. What
 * could be an address, a command or a login is left out, rather too much than too little; the rest is one line.
 */
export function withoutAddresses(text: string): string {
  const line = text
    .slice(0, 4 * LONGEST)
    .replace(/\s+/g, ' ')
    .trim()
  return HIDDEN.reduce((left, pattern) => left.replace(pattern, '…'), line).slice(0, LONGEST)
}

/** In order: what stands in quotes with a scheme or login in it, then whatever still looks like one. */
const HIDDEN: readonly RegExp[] = [
  // A command is all that follows: its arguments are sources too.
  /\b(?:exec|ffmpeg|echo|expr):.*/gi,
  /"(?:[^"\\]|\\.)*(?::\/\/|@|:\w)(?:[^"\\]|\\.)*"/g,
  /\b[a-z][a-z0-9+.-]*:(?:\/\/|#|\w+@)\S*/gi,
  /\S+@\S+/g,
  /(?<=\blookup )\S+/gi,
  /\[[0-9a-f:.%\w]*:[0-9a-f:.%\w]*\](?::\d+)?/gi,
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/g,
  /(?<![\w.:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi,
  /\b[a-z0-9-]+(?:\.[a-z0-9-]+)*:\d{2,5}\b/gi,
]
