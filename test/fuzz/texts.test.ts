import t from 'tap'
import { CodedError } from '../../src/errors.ts'
import { ReplyReader } from '../../src/go2rtc/reply-reader.ts'
import { playableFrom } from '../../src/live/camera/playable.ts'
import { readMessage, writeMessage } from '../../src/player/message.ts'
import { isVodFile, rewritePlaylist } from '../../src/vod/playlist.ts'
import { type Chooser, fuzz } from '../support/fuzz.ts'

/** A text out of these pieces, with some of it lost, doubled or changed. */
function textOf(pieces: readonly string[], choose: Chooser, most = 20): string {
  let text = ''
  for (let count = choose.upTo(most); count > 0; count--) text += choose.of(pieces)
  for (let change = choose.upTo(3); change > 0 && text.length > 0; change--) {
    const at = choose.upTo(text.length)
    const kind = choose.upTo(3)
    if (kind === 0) text = text.slice(0, at) + text.slice(at + 1 + choose.upTo(4))
    else if (kind === 1) text = text.slice(0, at) + String.fromCharCode(choose.upTo(256)) + text.slice(at)
    else text = text.slice(0, at) + text.slice(choose.upTo(text.length))
  }
  return text
}

const FOLDER = '/vod/event/1.5-abc/'
const PREFIX = '../hls/handle/'
const NAMES = [
  'seg-1-v1-a1.ts',
  'index-v1-a1.m3u8',
  'init.mp4',
  'a.vtt',
  `${FOLDER}seg-2.m4s`,
  'x.ts?token=y',
]
const AWAY = [
  'http://evil.example/x.ts',
  '//evil.example/x.ts',
  '/api/config',
  '../x.ts',
  '..%2fx.ts',
  'data:,x',
  'javascript:x',
  '{$a}',
  'x.ts#y',
  '\\\\evil\\x.ts',
  'x\u0000.ts',
]
const LINES = [
  '#EXT-X-VERSION:7',
  '#EXT-X-TARGETDURATION:10',
  '#EXT-X-PLAYLIST-TYPE:VOD',
  '#EXTINF:10.0,',
  '#EXTINF:10,title',
  '#EXT-X-ENDLIST',
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.640029,mp4a.40.2"',
  '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z',
  '# a comment',
  '#EXT-X-BYTERANGE:1@0',
]
const TAGS = [
  '#EXT-X-MAP:URI=',
  '#EXT-X-MEDIA:TYPE=AUDIO,URI=',
  '#EXT-X-KEY:METHOD=AES-128,URI=',
  '#EXT-X-KEY:METHOD=AES-128, URI =',
  '#EXT-X-I-FRAME-STREAM-INF:URI=',
  '#EXT-X-SESSION-DATA:DATA-ID="x",URI=',
  '#EXT-X-CONTENT-STEERING:SERVER-URI=',
  '#EXT-X-DATERANGE:ID="x",X-ASSET-LIST=',
  '#EXT-X-DATERANGE:ID="x",X-ASSET-URI=',
  '#EXT-X-DEFINE:NAME="a",VALUE=',
  '#EXT-X-PART:URI=',
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI=',
  '#EXT-X-RENDITION-REPORT:URI=',
]
const BREAKS = ['\n', '\n', '\n', '\r\n', '\r', '\n\n', '\u2028', '\u000b', '\u000c', '\u0085', ' ', '\t']
const QUOTES = ['"', '"', '"', "'", '', '""']

/** What a player would load of a playlist, be it as generous as some are. */
function loaded(playlist: string): string[] {
  return playlist.split(/[\r\n]+/).flatMap(line => {
    if (!line.trim().startsWith('#')) return line.trim() === '' ? [] : [line.trim()]
    return [
      ...line.matchAll(/(?<![\w-])(?:(?:X-ASSET-|SERVER-)?URI|X-ASSET-LIST|VALUE)\s*=\s*("[^"]*"?|[^,]*)/gi),
    ].map(([, value = '']) => value.replaceAll('"', ''))
  })
}

t.test('a playlist has a player load what is elsewhere', async t => {
  const ends = await fuzz(t, {
    part: 0.25,
    run: choose => {
      const address = () => choose.of(choose.chance(0.7) ? NAMES : AWAY)
      const quote = choose.of(QUOTES)
      const tag = () => choose.of(TAGS) + quote + address() + quote
      const line = () => (choose.chance(0.4) ? choose.of(LINES) : choose.chance(0.5) ? tag() : address())
      const pieces = Array.from({ length: 8 }, () => line() + choose.of(BREAKS))
      const text = `#EXTM3U\n${textOf(pieces, choose)}`
      let rewritten: string
      try {
        rewritten = rewritePlaylist(text, FOLDER, PREFIX)
      } catch (error) {
        if (error instanceof CodedError && error.code === 'PLAYLIST_UNUSABLE') return error.code
        throw error
      }
      for (const one of loaded(rewritten)) {
        const name = one.startsWith(PREFIX) ? one.slice(PREFIX.length) : ''
        if (!isVodFile(name)) throw new Error(`${JSON.stringify(one)} of ${JSON.stringify(rewritten)}`)
      }
      return 'rewritten'
    },
  })
  if (process.env.FUZZ_CASES !== '0') t.ok(ends.get('rewritten'))
})

const WORDS = [
  ...['{', '}', '[', ']', ':', ',', '"', '\\', '\\u0000', '\\ud800', 'null', 'true', '1e999', '-0', ' '],
  ...[
    '"type"',
    '"value"',
    '"mse"',
    '"webrtc/offer"',
    '"mjpeg"',
    '"__proto__"',
    '"constructor"',
    '{"type":"mse","value":"',
  ],
  ...['avc1.640029', 'mp4a.40.2', 'hvc1', 'flac', 'opus', 'mp3', ',', '\u0000', '\ud800', '"}'],
]

t.test('a message of a player crashes what reads it, or is read as what it is not', async t => {
  await fuzz(t, {
    part: 0.25,
    run: choose => {
      const value = JSON.stringify(textOf(WORDS, choose, 8))
      const text = choose.chance(0.5) ? textOf(WORDS, choose) : `{"type":"mse","value":${value}}`
      const message = readMessage(text)
      if (!message) return 'none of the protocol'
      if (typeof message.type !== 'string' || typeof message.value !== 'string') throw new Error(text)
      const again = readMessage(String(writeMessage(message.type, message.value)))
      if (again?.type !== message.type || again.value !== message.value) throw new Error(text)
      const { variants } = playableFrom(message.value)
      if (variants.length < 1 || variants.length > 4) throw new Error(variants.join())
      return 'a message'
    },
  })
})

const REPLY = [
  ...[
    'HTTP/1.0 200 OK\r\n',
    'HTTP/1.1 404 Not Found\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 204\r\n',
  ],
  ...[
    'HTTP/2 200\r\n',
    'Content-Length: 4\r\n',
    'Content-Length: 4\r\n',
    'Content-Length: 99999999999999999999\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'X: a\r\n',
    ' folded\r\n',
    'X : b\r\n',
    '\r\n',
    '\r\n',
    '\n',
    '\r',
    'body',
    '\0',
  ],
  ...['Content-Type: video/mp4\r\n', `X: ${'y'.repeat(5000)}\r\n`],
]

/** What is told of a reply that comes in pieces. */
function readReply(reply: Buffer, pieces: () => number): string {
  let told = ''
  let body = ''
  const reader = new ReplyReader({
    head: status => {
      told += `${status} `
    },
    body: bytes => {
      body += Buffer.from(bytes).toString('latin1')
    },
  })
  try {
    for (let at = 0; at < reply.length; ) {
      const size = pieces()
      reader.push(reply.subarray(at, at + size))
      at += size
    }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'GO2RTC_MALFORMED') return error.code
    throw error
  }
  return `${told}${reader.complete} ${reader.mayEnd} ${body}`
}

t.test('a reply of go2rtc crashes what reads it, or is another one where it is split', async t => {
  await fuzz(t, {
    part: 0.2,
    run: choose => {
      const start = choose.chance(0.8) ? choose.of(REPLY.slice(0, 4)) : ''
      const reply = Buffer.from(start + textOf(REPLY, choose, 12), 'latin1')
      const whole = readReply(reply, () => reply.length)
      const split = readReply(reply, () => 1 + choose.upTo(64))
      if (whole !== split)
        throw new Error(`${JSON.stringify(reply.toString('latin1'))}: ${whole} or ${split}`)
      return whole.split(' ', 1)[0]!
    },
  })
})
