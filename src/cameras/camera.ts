/** A camera as the PWA knows it. */
export interface Camera {
  /** Frigate's camera name (`Front_Door`), or go2rtc's stream name where there is no Frigate. */
  readonly id: string
  /** The id for people: `_` as space, title-cased. */
  readonly name: string
  /** Its live stream in go2rtc. */
  readonly stream: string
}

export function displayName(id: string): string {
  return id
    .replaceAll('_', ' ')
    .replace(/\p{L}+/gu, word => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
}

/** The live stream of a camera: Frigate's `live` setting, else `<name>_live` if go2rtc has it, else `<name>`. */
export function liveStreamOf(
  id: string,
  configured: string | undefined,
  streams: ReadonlySet<string>,
): string {
  if (configured !== undefined) return configured
  return streams.has(`${id}_live`) ? `${id}_live` : id
}
