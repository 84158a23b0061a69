/** A media playlist as a player reads it (RFC 8216bis, 4). Written for tests, apart from what renders them. */
export interface ReadPart {
  readonly uri: string
  readonly seconds: number
  readonly independent: boolean
}

export interface ReadSegment {
  readonly number: number
  /** Undefined for the open segment of a low-latency playlist. */
  readonly uri: string | undefined
  readonly seconds: number
  readonly map: string
  readonly date: number
  readonly discontinuity: boolean
  readonly parts: readonly ReadPart[]
}

export interface ReadPlaylist {
  readonly text: string
  readonly tags: readonly string[]
  readonly version: number
  readonly targetDuration: number
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  readonly partTarget: number | undefined
  readonly control: Readonly<Record<string, string>>
  readonly skipped: number
  readonly hint: string | undefined
  readonly segments: readonly ReadSegment[]
}

export function readPlaylist(text: string): ReadPlaylist {
  const lines = text.split('\n').filter(line => line !== '')
  const value = (tag: string) => lines.find(line => line.startsWith(`${tag}:`))?.slice(tag.length + 1)
  const skipped = Number(attributes(value('#EXT-X-SKIP') ?? '')['SKIPPED-SEGMENTS'] ?? 0)
  const partInf = value('#EXT-X-PART-INF')
  const mediaSequence = Number(value('#EXT-X-MEDIA-SEQUENCE') ?? 0)
  const segments: ReadSegment[] = []
  let map = ''
  let open: { seconds: number; date: number; discontinuity: boolean; parts: ReadPart[] } | undefined
  const current = () => {
    open ??= { seconds: 0, date: Number.NaN, discontinuity: false, parts: [] }
    return open
  }
  const finish = (uri: string | undefined) => {
    segments.push({ ...current(), number: mediaSequence + skipped + segments.length, uri, map })
    open = undefined
  }
  for (const line of lines) {
    const [tag, rest = ''] = split(line)
    if (!line.startsWith('#')) finish(line)
    else if (tag === '#EXTINF') current().seconds = Number(rest.split(',')[0])
    else if (tag === '#EXT-X-MAP') map = attributes(rest).URI ?? ''
    else if (tag === '#EXT-X-PROGRAM-DATE-TIME') current().date = Date.parse(rest)
    else if (tag === '#EXT-X-DISCONTINUITY') current().discontinuity = true
    else if (tag === '#EXT-X-PART') {
      const { DURATION, URI, INDEPENDENT } = attributes(rest)
      current().parts.push({
        uri: URI ?? '',
        seconds: Number(DURATION),
        independent: INDEPENDENT === 'YES',
      })
    }
  }
  if (open) finish(undefined)
  return {
    text,
    tags: lines.filter(line => line.startsWith('#')).map(line => split(line)[0]),
    version: Number(value('#EXT-X-VERSION')),
    targetDuration: Number(value('#EXT-X-TARGETDURATION')),
    mediaSequence,
    discontinuitySequence: Number(value('#EXT-X-DISCONTINUITY-SEQUENCE') ?? 0),
    partTarget: partInf === undefined ? undefined : Number(attributes(partInf)['PART-TARGET']),
    control: attributes(value('#EXT-X-SERVER-CONTROL') ?? ''),
    skipped,
    hint: attributes(value('#EXT-X-PRELOAD-HINT') ?? '').URI,
    segments,
  }
}

function split(line: string): [string, string?] {
  const at = line.indexOf(':')
  return at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)]
}

function attributes(list: string): Record<string, string> {
  const found = list.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)
  return Object.fromEntries(
    [...found].map(([, name, value]) => [name ?? '', (value ?? '').replaceAll('"', '')]),
  )
}
