import t from 'tap'
import { withoutAddresses } from '../src/go2rtc/without-addresses.ts'
import { withoutSecrets } from '../src/redaction.ts'
import { cpuMs } from './support/cpu-time.ts'
import { type Expression, expressionsOf } from './support/expressions.ts'

/** Whose text an expression is given, and the longest that it is ever given where its caller has a limit. */
type Given =
  | 'request'
  | 'upstream'
  | 'file'
  | 'setting'
  | 'own'
  | readonly ['request' | 'upstream' | 'file', number]

/** A new expression has its line here, and is driven with the rest. Prefer `indexOf` and `URL` to one. */
const EXPRESSIONS: Readonly<Record<string, Readonly<Record<string, Given>>>> = {
  'plugins/upstreams/frigate.ts': { '/[^ -~]/g': 'upstream' },
  'plugins/live/players.ts': { '/^http/': 'setting' },
  'routes/active/cameras/recordings.ts': { '^[A-Za-z0-9_+/-]{1,64}$': 'request' },
  'routes/public/page.ts': {
    '/^\\/(?:api|live|health|ready|metrics)(?:\\/|$)/': 'request',
    '/^[\\w-]{8,}$/': 'request',
    '/[?#]/': 'request',
  },
  'routes/schemas/event.ts': { '^[A-Za-z0-9][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*$': 'request' },
  'src/accounts/policy.ts': {
    '/^[\\p{L}\\p{N}_-]{3,32}$/u': 'request',
    '/\\p{Lu}/u': 'request',
    '/\\p{Ll}/u': 'request',
    '/\\p{Nd}/u': 'request',
    '/[^\\p{L}\\p{N}\\s]/u': 'request',
    '/\\p{Default_Ignorable_Code_Point}/u': 'request',
    '`\\\\p{Script=${script}}`': 'own',
  },
  'app.ts': { '/^(debug|trace)$/': 'setting' },
  'src/cameras/camera.ts': { '/\\p{L}+/gu': 'upstream' },
  'src/clips/clip-files.ts': {
    '/^(?:([A-Za-z0-9][\\w.-]*)~([\\w-]+)(\\.final)?\\.mp4|\\d+\\.(?:part|brief))$/': 'file',
  },
  'src/http/etag.ts': { '/^W\\//': 'request' },
  'src/config/near-names.ts': { '/[_.-]+/': 'setting' },
  'src/config/setting.ts': {
    '/[*@?#]/': 'setting',
    '/^\\/?$/': 'setting',
    '/^-?\\d+$/': 'setting',
    '/^(1|true|yes|on)$/i': 'setting',
    '/^(0|false|no|off)$/i': 'setting',
    '/^https?:$/': 'setting',
  },
  'src/config/upstreams.ts': { '/^mqtts?:$/': 'setting', '/[+#]/': 'setting' },
  'src/database/file/inspect.ts': { '/\\s+/g': 'file' },
  'src/database/migrations/adopt-users.ts': {
    '/^create\\s+unique\\s+index\\b.*\\bemail\\b/is': 'file',
  },
  'src/database/file/open.ts': { '/^SQLITE_BUSY/': 'own', '/[:.]/g': 'own' },
  'src/database/file/own-files.ts': {
    '/^(-wal|-shm|-journal|\\.key(\\.\\d+)?|\\.before-migration-.*)?$/': 'file',
  },
  'src/database/file/start-error.ts': {
    '/^SQLITE_(NOTADB|CORRUPT)/': 'own',
    '/^SQLITE_(FULL|IOERR_SHMSIZE)|^ENOSPC|^EDQUOT/': 'own',
    '/^SQLITE_(READONLY|CANTOPEN|PERM|IOERR)|^E(ACCES|PERM|ROFS|NOTDIR|EXIST)$/': 'own',
    '/^SQLITE_BUSY/': 'own',
  },
  'src/event-feed/broker-socket.ts': { '/^\\[|\\]$/g': 'setting' },
  'src/fmp4/boxes/box-stream.ts': { '/^[\\x20-\\x7e\\xa9]{4}$/': 'upstream' },
  'src/fmp4/init/codec.ts': { '/[^\\w.]/g': 'upstream' },
  'src/fmp4/init/init-segment.ts': { '/^hev1/': 'upstream' },
  'src/fmp4/fragments/reader.ts': {
    '/^[\\x20-\\x7e\\xa9]{4}$/': 'upstream',
    '/[^\\x20-\\x7e]/g': 'upstream',
  },
  'src/frigate/api/config.ts': { '/^[\\w-]{1,100}$/': 'upstream' },
  'src/frigate/frigate.ts': { '/^[\\w.+-]+$/': 'upstream' },
  'src/frigate/connection/login.ts': {
    '/^[^=]+=([^;]+)/': 'upstream',
    '/^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/': 'upstream',
  },
  'src/frigate/connection/trust.ts': {
    '/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g': 'file',
    '/CERT|SIGNATURE|ISSUER/': 'own',
  },
  'src/frigate/api/version.ts': { '/^(\\d+)\\.(\\d+)/': 'upstream' },
  'src/go2rtc/connection.ts': { '/^\\[|\\]$/g': 'setting' },
  'src/go2rtc/passthrough.ts': { '/;\\s*boundary="?([\\w-]{1,70})"?\\s*$/i': 'upstream' },
  'src/go2rtc/reply-reader.ts': {
    '/^HTTP\\/1\\.[01] ([1-5]\\d\\d)(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?$/': 'upstream',
    "/^[!#$%&'*+.^_`|~\\w-]+$/": 'upstream',
    '/^[\\t\\x20-\\x7e\\x80-\\xff]*$/': 'upstream',
    '/^[\\t ]*(\\d{1,15})[\\t ]*$/': 'upstream',
  },
  'src/go2rtc/without-addresses.ts': {
    '/\\s+/': 'upstream',
    '/\\b(?:exec|ffmpeg|echo|expr):.*/i': 'upstream',
    '/:\\/\\/|@|:\\w/': 'upstream',
    '/\\blookup$/i': ['upstream', 100],
    '/(?<![\\w+.-])[\\w+.-]+:(?:\\/\\/|#).*/g': ['upstream', 100],
    '/\\[[0-9a-f:.%\\w]*:[0-9a-f:.%\\w]*\\](?::\\d+)?/gi': ['upstream', 100],
    '/(?<![\\w.])\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d+)?/g': ['upstream', 100],
    '/(?<![\\w.:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\\w:])/gi': ['upstream', 100],
    '/(?<![\\w.-])[\\w.-]+:\\d{2,5}\\b/g': ['upstream', 100],
  },
  'src/handles/handles.ts': { '/^[\\w-]{24}$/': 'request' },
  'src/hls/recording/idr.ts': { '/^h(vc|ev)1/': 'upstream' },
  'src/hls/playlists/media-name.ts': {
    '/^init-(\\d{1,9})\\.mp4$/': 'request',
    '/^(\\d{1,15})(?:\\.(\\d{1,6}))?\\.m4s$/': 'request',
  },
  'src/hls/playlists/multivariant-playlist.ts': { '/^hev1/': 'upstream' },
  'src/hls/playlists/reload.ts': { '/^\\d{1,15}$/': 'request' },
  'src/live/camera/playable.ts': {
    '/^avc[13]/i': 'request',
    '/^(hvc1|hev1)/i': 'request',
    '/^(mp4a\\.6b|mp4a\\.69|mp3)/i': 'request',
    '/^mp4a/i': 'request',
    '/^flac/i': 'request',
    '/^opus/i': 'request',
  },
  'src/memory/container.ts': { '`^${name} (\\\\d+)$`': 'file' },
  'src/metrics/exposition.ts': { '/[\\\\"\\n]/g': 'upstream' },
  'src/metrics/token.ts': { '/^Bearer +(\\S+) *$/i': 'request' },
  'src/network/address.ts': {
    '/^::ffff:(\\d+\\.\\d+\\.\\d+\\.\\d+)$/i': 'request',
    '/^::ffff:([\\da-f]{1,4}):([\\da-f]{1,4})$/i': 'request',
    '/^\\d{1,3}$/': 'setting',
  },
  'src/player/tunnel.ts': { '/^(mjpeg|webrtc)/': 'request' },
  'src/vod/playlist.ts': {
    '/^[A-Za-z0-9][\\w-]*(?:\\.[\\w-]+)*\\.(?:m3u8|ts|m4s|mp4|aac|vtt)$/': ['upstream', 128],
    '/([A-Za-z0-9-]+)=("[\\x20\\x21\\x23-\\x7e]*"|[\\w.+-]+)(?:,|$)/y': 'upstream',
    '/^#(?:EXTM3U|EXTINF:[\\d.]+,|EXT-X-(?:VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|PLAYLIST-TYPE|ALLOW-CACHE|BYTERANGE|BITRATE|PROGRAM-DATE-TIME):[\\w.:+@-]+|EXT-X-(?:DISCONTINUITY|ENDLIST|GAP|I-FRAMES-ONLY|INDEPENDENT-SEGMENTS)$)/i':
      'upstream',
    '/^#EXT-X-(?:MAP|KEY|MEDIA|STREAM-INF|I-FRAME-STREAM-INF|START):/i': 'upstream',
  },
}

const WORST_BYTES = 16 * 1024
/** How often the work of a plain linear expression another one may cost; a quadratic one costs hundreds of times as much. */
const MOST = 25
const ATTEMPTS = 3
const COMPILED_AFTER = 6

const REPEATS = 10

/** CPU time of one run in milliseconds: the mean of some, as the clock of the system is coarse. */
function costOf(work: () => void, runs = REPEATS): number {
  const started = cpuMs()
  for (let i = 0; i < runs; i++) work()
  return (cpuMs() - started) / runs
}

const plain = 'a'.repeat(WORST_BYTES)
const unit = costOf(() => void /^(?:a|b)*c/.test(plain), 200)

/** Whether a run takes longer than linear work does. What looks so by the clock on the wall is looked at closer. */
function isSlow(work: () => void): boolean {
  const started = performance.now()
  work()
  if (performance.now() - started < MOST * unit) return false
  for (let i = 0; i < ATTEMPTS; i++) if (costOf(work) < MOST * unit) return false
  return true
}

/** The texts among these that cost more than linear work. */
function slowTexts(drive: (text: string) => void, texts: Iterable<string>): string[] {
  const slow: string[] = []
  for (const text of texts) {
    if (isSlow(() => drive(text))) slow.push(`${JSON.stringify(text.slice(0, 20))}…`)
    if (slow.length > 2) break
  }
  return slow
}

/** Runs of the letters that an expression speaks of, behind what it begins with and before what it cannot end with. */
function* worstTexts(source: string, bytes: number): Generator<string> {
  const letters = new Set([...source.replace(/\\x[0-9a-f]{2}/g, ''), ...'aA0 .-\té"?'])
  const units = [...letters, ...[...letters].flatMap(one => [...'aA0 .-"\\:'].map(other => one + other))]
  const begins = [
    '',
    literalOf(source),
    'Bearer a',
    'HTTP/1.1 200 ',
    'create unique index',
    'bytes=0',
    'a.',
    '"',
  ]
  for (const begin of new Set(begins))
    for (const unit of units)
      for (const end of ['', '\0']) {
        const length = Math.max(0, bytes - begin.length - end.length)
        yield begin + unit.repeat(Math.ceil(length / unit.length)).slice(0, length) + end
      }
}

/** What every text that an expression matches begins with. */
function literalOf(source: string): string {
  const [, literal = ''] = /^\/?\^?((?:[\w"=:-]|\\\/)*)/.exec(source) ?? []
  return literal.replaceAll('\\', '')
}

function compiled(source: string): RegExp {
  const end = source.lastIndexOf('/')
  if (source.startsWith('/')) return new RegExp(source.slice(1, end), source.slice(end + 1))
  const text = source.startsWith('`')
    ? source
        .slice(1, -1)
        .replace(/\$\{\w+\}/, 'Latin')
        .replaceAll('\\\\', '\\')
    : source
  return new RegExp(text, 'mu')
}

const found = expressionsOf(['app.ts', 'server.ts', 'src', 'plugins', 'routes'])
const keyOf = ({ file, source }: Expression) => `${file} ${source}`

t.test('an expression must not appear in the source that nobody has driven', async t => {
  t.ok(found.length > 50, `${found.length} are found`)
  const listed = Object.entries(EXPRESSIONS).flatMap(([file, sources]) =>
    Object.keys(sources).map(source => keyOf({ file, source })),
  )
  t.same(found.map(keyOf).sort(), listed.sort())
})

t.test('no text must cost an expression more than linear work', async t => {
  for (const expression of found) {
    const { file, source } = expression
    const given = EXPRESSIONS[file]?.[source] ?? 'request'
    const most = typeof given === 'string' ? WORST_BYTES : given[1]
    const pattern = compiled(source)
    const slow = slowTexts(
      text => {
        for (let bytes = 0; bytes < WORST_BYTES; bytes += most) text.replace(pattern, '')
      },
      worstTexts(source, most),
    )
    t.same(slow, [], keyOf(expression))
  }
})

t.test('the measure must see an expression that is not linear', async t => {
  for (const source of ['/([?&])([^=&#]*)=[^&#]*/g', '/\\S+@\\S+/g', '/^a:[\\t ]*([\\t -~]*?)[\\t ]*$/']) {
    const pattern = compiled(source)
    const slow = slowTexts(
      text => void text.slice(0, 4096).replace(pattern, ''),
      ['?'.repeat(WORST_BYTES), 'a'.repeat(WORST_BYTES), `a:${' '.repeat(500)}\0`],
    )
    t.not(slow.length, 0, source)
  }
})

t.test('what reads foreign text by hand must not cost more than linear work', async t => {
  const pieces = ['?', '%', '%7', '%74', 'token=', 'token', ';token=', 'hls/', 'hls/clip/', 'eyj', 'eyJa ']
  const more = [
    'cgp_',
    'bearer ',
    'bearer',
    '"',
    '\\"',
    '":a',
    '\\":a',
    'a:',
    'a-',
    '1.',
    '[:',
    '@',
    ' lookup ',
  ]
  const texts = [...pieces, ...more].map(piece => piece.repeat(WORST_BYTES / piece.length))
  for (const drive of [withoutSecrets, withoutAddresses]) {
    // Expressions are compiled before they run; what is written by hand is compiled once it has run for a while.
    for (const text of texts) costOf(() => drive(text), COMPILED_AFTER)
    t.same(slowTexts(drive, texts), [], drive.name)
  }
})
