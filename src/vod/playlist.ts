import { PlaylistUnusable } from './errors.ts'

/** What a playlist of Frigate may name: files beside it. */
const FILE = /^[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.(?:m3u8|ts|m4s|mp4|aac|vtt)$/

/** Tags that a playlist of files has, with the value up to which they are kept (RFC 8216, 4.3). */
const PLAIN_TAG =
  /^#(?:EXTM3U|EXTINF:[\d.]+,|EXT-X-(?:VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|PLAYLIST-TYPE|ALLOW-CACHE|BYTERANGE|BITRATE|PROGRAM-DATE-TIME):[\w.:+@-]+|EXT-X-(?:DISCONTINUITY|ENDLIST|GAP|I-FRAMES-ONLY|INDEPENDENT-SEGMENTS)$)/i
/** Those whose value is a list of attributes. */
const LISTING_TAG = /^#EXT-X-(?:MAP|KEY|MEDIA|STREAM-INF|I-FRAME-STREAM-INF|START):/i
/** What they may say (RFC 8216, 4.3.4), besides an address. */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  [
    'TYPE GROUP-ID LANGUAGE ASSOC-LANGUAGE NAME DEFAULT AUTOSELECT FORCED INSTREAM-ID CHARACTERISTICS CHANNELS',
    'BANDWIDTH AVERAGE-BANDWIDTH PROGRAM-ID CODECS RESOLUTION FRAME-RATE HDCP-LEVEL VIDEO-RANGE',
    'AUDIO VIDEO SUBTITLES CLOSED-CAPTIONS BYTERANGE METHOD TIME-OFFSET PRECISE',
  ]
    .join(' ')
    .split(' '),
)
/** One attribute of a list (RFC 8216, 4.2). */
const ATTRIBUTE = /([A-Za-z0-9-]+)=("[\x20\x21\x23-\x7e]*"|[\w.+-]+)(?:,|$)/y

export function isVodFile(name: string): boolean {
  return name.length <= 128 && FILE.test(name)
}

/**
 * A playlist (RFC 8216) with every address in it put below `prefix`. `folder` is where Frigate has the playlist, with
 * a slash at its end. Queries are dropped: they are Frigate's way to hand a token on. So are comments, and tags
 * and attributes that are not known here, as players may load what they name. Names are read in any case, and written as RFC 8216 has them. Throws `PLAYLIST_UNUSABLE` if it is no playlist or names anything
 * but files of its own folder.
 */
export function rewritePlaylist(playlist: string, folder: string, prefix: string): string {
  const text = playlist.replaceAll('\r\n', '\n')
  const lines = text.split('\n')
  // A lone CR ends a line for some players and not for others.
  if (lines[0]?.trimEnd() !== '#EXTM3U' || text.includes('\r')) throw new PlaylistUnusable()
  const rewrite = (address: string) => prefix + fileName(address, folder)
  return lines
    .flatMap(text => {
      const line = text.trim()
      if (line === '') return [line]
      return line.startsWith('#') ? tag(line, rewrite) : [rewrite(line)]
    })
    .join('\n')
}

/** The tag as it is handed on, if it is. */
function tag(line: string, rewrite: (address: string) => string): string[] {
  const plain = PLAIN_TAG.exec(line)
  if (plain) return [plain[0].toUpperCase()]
  const listing = LISTING_TAG.exec(line)
  return listing ? [listing[0].toUpperCase() + attributes(line.slice(listing[0].length), rewrite)] : []
}

function attributes(list: string, rewrite: (address: string) => string): string {
  const found: string[] = []
  ATTRIBUTE.lastIndex = 0
  while (ATTRIBUTE.lastIndex < list.length) {
    const [, written, value = ''] = ATTRIBUTE.exec(list) ?? []
    if (written === undefined) throw new PlaylistUnusable()
    const name = written.toUpperCase()
    if (ATTRIBUTES.has(name)) found.push(`${name}=${value}`)
    else if (name === 'URI' && value.startsWith('"')) found.push(`URI="${rewrite(value.slice(1, -1))}"`)
    else if (name === 'URI') throw new PlaylistUnusable()
  }
  return found.join()
}

function fileName(address: string, folder: string): string {
  const url = URL.parse(address, `http://frigate${folder}`)
  const name = url?.pathname.startsWith(folder) ? url.pathname.slice(folder.length) : ''
  if (!isVodFile(name)) throw new PlaylistUnusable()
  return name
}
