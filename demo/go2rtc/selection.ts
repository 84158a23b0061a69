import type { Track } from '../footage/footage.ts'

export type Codec = Track['codec']

/** What a consumer asks for: of one kind, the first track whose codec it names. */
export interface Wanted {
  readonly kind: Track['kind']
  readonly codecs: readonly (Codec | 'pcmu' | 'pcm' | 'pcml' | 'any')[]
}

const VIDEO: Wanted = { kind: 'video', codecs: ['h264', 'h265'] }
const PCM = ['pcma', 'pcmu', 'pcm', 'pcml'] as const

export const DEFAULT_WANTED: readonly Wanted[] = [VIDEO, { kind: 'audio', codecs: ['aac'] }]
export const JPEG_WANTED: readonly Wanted[] = [{ kind: 'video', codecs: ['jpeg'] }]

/** The query of `stream.mp4`: `mp4=` wins over `video=` and `audio=`. */
export function wantedByQuery(query: URLSearchParams): readonly Wanted[] {
  const mp4 = query.get('mp4')
  if (mp4 === '') return DEFAULT_WANTED
  if (mp4 === 'flac') return [VIDEO, { kind: 'audio', codecs: ['aac', ...PCM] }]
  if (mp4 !== null) return [VIDEO, { kind: 'audio', codecs: ['aac', ...PCM, 'opus', 'mp3'] }]
  const wanted = (['video', 'audio'] as const).flatMap(kind =>
    query.getAll(kind).map(value => ({ kind, codecs: value.toLowerCase().split(',').map(codecName) })),
  )
  return wanted.length > 0 ? wanted : DEFAULT_WANTED
}

function codecName(name: string): Wanted['codecs'][number] {
  return name === '' || name === 'copy' ? 'any' : name === 'mjpeg' ? 'jpeg' : (name as Codec)
}

/** The value of a WebSocket `mse` message. Only these exact strings count; no value means the default. */
export function wantedByCodecs(value: unknown): readonly Wanted[] {
  if (typeof value !== 'string' || value === '') return DEFAULT_WANTED
  const names = value.split(',')
  const video = names.flatMap(name => BY_MIME.video[name] ?? [])
  const audio = names.flatMap(name => BY_MIME.audio[name] ?? [])
  return [
    ...(video.length > 0 ? [{ kind: 'video' as const, codecs: video }] : []),
    ...(audio.length > 0 ? [{ kind: 'audio' as const, codecs: audio }] : []),
  ]
}

const BY_MIME: Readonly<Record<Track['kind'], Readonly<Record<string, Wanted['codecs']>>>> = {
  video: { 'avc1.640029': ['h264'], 'hvc1.1.6.L153.B0': ['h265'] },
  audio: { 'mp4a.40.2': ['aac'], flac: PCM, opus: ['opus'] },
}

/** `video/mp4; codecs="…"`, with the values that go2rtc writes for these tracks. */
export function contentType(tracks: readonly Track[]): string {
  return `video/mp4; codecs="${tracks.map(mimeCodec).join(',')}"`
}

function mimeCodec(track: Track): string {
  switch (track.codec) {
    case 'h264':
      return `avc1.${profileLevelId(track.config)}`
    case 'h265':
      return 'hvc1.1.6.L153.B0'
    case 'aac':
      return 'mp4a.40.2'
    case 'opus':
      return 'opus'
    case 'pcma':
      return 'flac'
    default:
      return ''
  }
}

/** go2rtc keeps what browsers are known to take and writes High 4.1 for the rest. */
function profileLevelId(config: Buffer): string {
  const [, profile = 0, compatibility = 0, level = 0] = config
  return Buffer.from([
    profile === 0x42 || profile === 0x4d ? profile : 0x64,
    compatibility === 0x40 || compatibility === 0xe0 ? compatibility : 0,
    [30, 31, 40].includes(level) ? level : 41,
  ])
    .toString('hex')
    .toUpperCase()
}
