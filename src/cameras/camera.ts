/** A camera as the PWA knows it. */
export interface Camera {
  /** Frigate's camera name (`Front_Door`), or go2rtc's stream name where there is no Frigate. */
  readonly id: string
  /** The id for people: `_` as space, title-cased. */
  readonly name: string
  /** Its live stream in go2rtc. */
  readonly stream: string
  /** Every go2rtc stream that is this camera's: whoever may see the camera may see these. */
  readonly streams: ReadonlySet<string>
}

export function displayName(id: string): string {
  return id
    .replaceAll('_', ' ')
    .replace(/\p{L}+/gu, word => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
}

/**
 * The live stream of a camera: the first candidate that go2rtc lists. Frigate fills in the camera's own name where
 * nothing is configured, whether go2rtc has such a stream or not. While go2rtc cannot be asked (`listed` is
 * `undefined`) the first candidate is taken at its word.
 */
export function liveStreamOf(candidates: readonly string[], listed: ReadonlySet<string> | undefined): string {
  const usable = listed ? candidates.find(name => listed.has(name)) : candidates[0]
  return usable ?? candidates.at(-1)!
}
