/** Real media that the stand-in hands out; paths of files. */
export interface Media {
  /** The latest picture of a camera; `error` is what Frigate shows of one that gives no frames. */
  readonly pictures: Readonly<Record<string, string>>
  readonly errorPicture: string
  /** A plain MP4 (index in front or behind, no fragments), as Frigate 0.14 keeps it. */
  readonly clip: string
  /** The same, fragmented, as Frigate 0.15 and later pipe it out of ffmpeg. */
  readonly fragmented: string
  /** A folder with `master.m3u8` and what it leads to, as nginx-vod-module gives it. */
  readonly vod?: string
}
