import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Packet } from '../../live/memory/ring.ts'
import { isIdr } from './idr.ts'
import { Part, type Run } from './part.ts'
import { silence } from './silence.ts'

export interface Still {
  /** On the timeline of the playlists, in seconds. */
  readonly begin: number
  /** How long each piece of it is. */
  readonly pieces: readonly number[]
}

/**
 * What players begin with while there is no past to play: the first keyframe as a still picture, in parts that are
 * segments of their own. A player shows it at once, and has what it needs in
 * hand when the live part begins; without it, it would run dry again and again until it lags as far behind.
 * `endOf` says where a track begins behind it, in units of its timescale.
 */
export function leadIn(
  keyframe: Packet,
  tracks: readonly Track[],
  { begin, pieces }: Still,
  endOf: (track: Track) => number,
  memory: Memory,
): Part[] {
  const parts: Part[] = []
  const at = (piece: number, track: Track) =>
    piece === pieces.length
      ? endOf(track)
      : Math.round(pieces.slice(0, piece).reduce((sum, one) => sum + one, begin) * track.timescale)
  const { track: primary, samples, mdat } = keyframe.fragment
  const [sample] = samples
  // Making room may take it from everybody else.
  keyframe.hold()
  try {
    for (let piece = 0; piece < pieces.length; piece++) {
      const from = at(piece, primary)
      const duration = at(piece + 1, primary) - from
      const runs: Run[] = [
        {
          trackId: primary.id,
          decodeTime: from,
          samples: [{ ...sample!, duration }],
          data: [mdat.subarray(8, 8 + sample!.size)],
        },
      ]
      let ownBytes = 0
      for (const track of tracks) {
        const run = track.kind === 'audio' && silence(track, at(piece, track), at(piece + 1, track))
        if (!run) continue
        runs.push(run)
        for (const data of run.data) ownBytes += data.length
      }
      const fields = {
        sequence: piece,
        start: from / primary.timescale,
        seconds: duration / primary.timescale,
        independent: true,
      }
      keyframe.hold()
      parts.push(new Part(fields, runs, [keyframe], memory, ownBytes))
    }
  } catch (error) {
    for (const part of parts) part.drop()
    throw error
  } finally {
    keyframe.drop()
  }
  return parts
}

/** Whether players could play a still picture: the keyframe may be repeated, and every other track has something for that time. */
export function canLeadIn(keyframe: Packet, tracks: readonly Track[]): boolean {
  const { track, mdat } = keyframe.fragment
  return (
    track.kind === 'video' &&
    isIdr(track.codec, mdat.subarray(8)) &&
    tracks.every(other => other.kind === 'video' || silence(other, 0, other.timescale) !== undefined)
  )
}
