/**
 * What cameras send and go2rtc can put into fMP4 (RFC 6381 names): H.264 High at levels 4.1, 4.2 and 5.1, H.265 Main,
 * AAC-LC and HE-AAC, FLAC, Opus.
 */
const CANDIDATES = [
  'avc1.640029',
  'avc1.64002A',
  'avc1.640033',
  'hvc1.1.6.L153.B0',
  'mp4a.40.2',
  'mp4a.40.5',
  'flac',
  'opus',
]

/** The browser's way to take media from script; iPhones have only the managed kind. */
export const MediaSourceClass =
  /** @type {typeof MediaSource | undefined} */ (Reflect.get(globalThis, 'ManagedMediaSource')) ??
  globalThis.MediaSource

/** The codecs that this browser plays, in the form that the first WebSocket message carries. */
export function playableCodecs() {
  if (MediaSourceClass === undefined) return ''
  return CANDIDATES.filter(codec => MediaSourceClass.isTypeSupported(`video/mp4; codecs="${codec}"`)).join()
}
