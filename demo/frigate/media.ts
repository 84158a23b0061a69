/** Real media that the stand-in hands out; paths of files. */
export interface Media extends Recorded {
  /** The latest picture of a camera; of several, another one every two seconds. */
  readonly pictures: Readonly<Record<string, string | readonly string[]>>
  /** What Frigate shows of a camera that gives no frames. */
  readonly errorPicture: string
  /** Recordings of single cameras, where they are not all the same. */
  readonly ofCamera?: Readonly<Record<string, Partial<Recorded>>>
}

interface Recorded {
  /** A plain MP4 (index in front or behind, no fragments), as Frigate 0.14 keeps it. */
  readonly clip: string
  /** The same, fragmented, as Frigate 0.15 and later pipe it out of ffmpeg. */
  readonly fragmented: string
  /** A folder with `master.m3u8` and what it leads to, as nginx-vod-module gives it. */
  readonly vod?: string
}

export function recordedBy(media: Media, camera: string): Recorded {
  return { ...media, ...media.ofCamera?.[camera] }
}

/** The picture of a camera at a time, in seconds. */
export function pictureOf({ pictures }: Media, camera: string, seconds: number): string | undefined {
  const files = pictures[camera]
  return typeof files === 'object' ? files[Math.floor(seconds / 2) % files.length] : files
}
