import type { Segment } from '../recording/segment.ts'
import type { Timing } from '../recording/timing.ts'
import type { Window } from '../window/window.ts'

/** The playlist that names the one media playlist there is (RFC 8216bis, 4.4.6.2), with rates as they were measured. */
export function renderMultivariant(window: Window, { frameSeconds }: Timing, uri: string): string {
  const { tracks } = window.map
  const segments = [...window.segments, ...(window.open ? [window.open] : [])].filter(one => one.seconds > 0)
  const attributes = [
    `BANDWIDTH=${Math.ceil(Math.max(...segments.map(one => rate([one]))))}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(rate(segments))}`,
    `CODECS="${tracks.map(track => track.codec.replace(/^hev1/, 'hvc1')).join(',')}"`,
  ]
  const video = tracks.find(track => track.kind === 'video')
  if (video && video.width > 0 && video.height > 0)
    attributes.push(`RESOLUTION=${video.width}x${video.height}`)
  if (video && frameSeconds !== undefined) attributes.push(`FRAME-RATE=${(1 / frameSeconds).toFixed(3)}`)
  return `#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:${attributes.join(',')}\n${uri}\n`
}

/** In bits a second. */
function rate(segments: readonly Segment[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  return (bytes * 8) / segments.reduce((sum, segment) => sum + segment.seconds, 0)
}
