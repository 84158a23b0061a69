import type { InitSegment } from '../../fmp4/init/init-segment.ts'

/** What go2rtc can be asked for, by the audio and video that it may give. */
export type Variant = 'aac' | 'flac' | 'all' | 'h264'

/** The query that asks go2rtc for a variant (`mp4=` overrides `video=` and `audio=` there, so they never meet). */
export const VARIANT_QUERY: Readonly<Record<Variant, string>> = {
  aac: '',
  flac: '&mp4=flac',
  all: '&mp4=all',
  h264: '&video=h264&audio=aac',
}

type Family = 'h264' | 'h265' | 'aac' | 'flac' | 'opus' | 'mp3'

/** What a viewer can play. */
export interface Playable {
  readonly families: ReadonlySet<Family>
  /** What to ask go2rtc for, best first. */
  readonly variants: readonly Variant[]
}

const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^avc[13]/i, 'h264'],
  [/^(hvc1|hev1)/i, 'h265'],
  [/^(mp4a\.6b|mp4a\.69|mp3)/i, 'mp3'],
  [/^mp4a/i, 'aac'],
  [/^flac/i, 'flac'],
  [/^opus/i, 'opus'],
]

export function familyOf(codec: string): Family | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(codec))?.[1]
}

/** From the list that players send: `avc1.640029,hvc1.1.6.L153.B0,mp4a.40.2,flac,opus`. */
export function playableFrom(codecs: string): Playable {
  const families = new Set<Family>()
  for (const codec of codecs.split(',')) {
    const family = familyOf(codec.trim())
    if (family) families.add(family)
  }
  const variants: Variant[] = []
  if (families.has('opus') || families.has('mp3')) variants.push('all')
  if (families.has('flac')) variants.push('flac')
  variants.push('aac')
  if (families.has('h264') && !families.has('h265')) variants.push('h264')
  return { families, variants }
}

/** A `<video>` that loads a URL says nothing of itself: what go2rtc gives by default, it gets. */
export const PLAIN_VIDEO = playableFrom('avc1,hvc1,mp4a.40.2')

export function canPlay(playable: Playable, init: InitSegment): boolean {
  return init.tracks.every(track => {
    const family = familyOf(track.codec)
    return family !== undefined && playable.families.has(family)
  })
}

const AUDIO_REACH: Readonly<Record<Variant, number>> = { h264: 0, aac: 0, flac: 1, all: 2 }

/** True if asking for `wanted` could give audio where `asked` gave none. */
export function reachesFurther(wanted: Variant, asked: Variant): boolean {
  return AUDIO_REACH[wanted] > AUDIO_REACH[asked]
}
