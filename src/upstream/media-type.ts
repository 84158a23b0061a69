import { MediaTypeRefused } from './errors.ts'

/** Types that media are handed on as, each with what upstreams call it. What browsers run, such as HTML and SVG, is none of them. */
const CALLED = {
  'image/jpeg': ['image/jpeg', 'image/jpg'],
  'video/mp4': ['video/mp4', 'audio/mp4', 'application/mp4', 'video/iso.segment'],
  'video/mp2t': ['video/mp2t'],
  'audio/aac': ['audio/aac', 'audio/aacp', 'audio/x-aac'],
  'text/vtt': ['text/vtt'],
  'application/sdp': ['application/sdp', 'text/plain'],
  'application/json': ['application/json'],
  'multipart/x-mixed-replace': ['multipart/x-mixed-replace'],
} as const

export type MediaType = keyof typeof CALLED

const LONGEST_TOLD = 60

/** Which of these types an upstream means by its Content-Type. Throws `MEDIA_TYPE_REFUSED` if it is none of them, or nothing. */
export function mediaType<T extends MediaType>(
  told: string | readonly string[] | undefined,
  ...types: readonly T[]
): T {
  const [value = ''] = [told ?? ''].flat()
  const [name = ''] = value.split(';', 1)
  const type = types.find(type => CALLED[type].some(called => called === name.trim().toLowerCase()))
  if (type === undefined)
    throw new MediaTypeRefused(types.join(' or '), value.slice(0, LONGEST_TOLD) || 'nothing')
  return type
}
