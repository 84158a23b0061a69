export interface VideoTrack {
  readonly kind: 'video'
  readonly codec: 'h264' | 'h265' | 'jpeg'
  /** Ticks a second. */
  readonly timescale: number
  readonly width: number
  readonly height: number
  /** The content of `avcC` or `hvcC`; empty for JPEG. */
  readonly config: Buffer
}

export interface AudioTrack {
  readonly kind: 'audio'
  readonly codec: 'aac' | 'opus' | 'mp3' | 'pcma'
  readonly timescale: number
  readonly channels: number
  /** AudioSpecificConfig for AAC; empty for the others. */
  readonly config: Buffer
}

export type Track = VideoTrack | AudioTrack

/** One video frame or audio packet, as a camera would send it. */
export interface Sample {
  /** Index into the tracks of the footage. */
  readonly track: number
  /** In ticks of the track; never goes back within one track. */
  readonly timestamp: number
  /** Starts a GOP; always true for audio. */
  readonly sync: boolean
  readonly data: Buffer
}

/** What a camera films: its tracks, and samples without end, in the order of their times. */
export interface Footage {
  readonly tracks: readonly Track[]
  samples(): Iterator<Sample, never>
}
