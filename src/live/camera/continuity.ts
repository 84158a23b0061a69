import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import { type SilentFrame, silentFrame } from '../../fmp4/fragments/silence.ts'
import type { InitSegment, Track } from '../../fmp4/init/init-segment.ts'

/** A jump ahead of all tracks that is closed up, in seconds. */
const LARGEST_GAP = 2
/** go2rtc's millisecond and a tick: the duration of a sample that came too long, or not at all, after the one before it, in seconds. */
const NO_TIME = 0.0015
/** A track that was silent for longer may have lost the time, in milliseconds; sooner where its sample has no time of its own. */
const PAUSE_MS = 1000
const PAUSE_WITHOUT_TIME_MS = 500
/** Clocks of two tracks differ by less, in seconds. */
const TOLERANCE = 0.25
/** Another track has gone on meanwhile if it has got at least so far in the time that this one was silent. */
const WENT_ON = 0.5
/** Sound that begins later than the picture by more belongs to the picture of that moment, in seconds. */
const LATE_START = 0.5
/** Sound that has not come for so long, in milliseconds, is filled up as the picture goes on, in pieces of so many seconds. */
const FILLED_AFTER_MS = 500
const FILLED_SECONDS = 0.1
/** A track that was away for longer comes back with a hole, in seconds. */
const MOST_FILLED = 10

/** The track that governs GOPs and time: the first video track, else the first. */
export function primaryTrack(init: InitSegment): Track {
  return init.tracks.find(track => track.kind === 'video') ?? init.tracks[0]!
}

/** So many frames of silence from a decode time of a track on. */
export interface Silence {
  readonly track: Track
  readonly frame: SilentFrame
  readonly decodeTime: number
  readonly count: number
}

/** Where a fragment goes in the stream, in units of its track's timescale. */
export interface Placement {
  readonly decodeTime: number
  readonly duration: number
  /** What belongs right before it, of its own track or of others. */
  readonly silences: readonly Silence[]
}

/** One track. Its hub times have neither a hole nor a step back. */
interface Progress {
  readonly track: Track
  /** Silence for it, if it is sound; undefined where none is known. */
  readonly silence: SilentFrame | undefined
  /** Where it has got to in hub time. */
  end: number
  /** Where it has got to in upstream's time; undefined before its first fragment of this connection. */
  upstreamEnd: number | undefined
  /** What its upstream times have lost since the connection began, in units of its timescale. */
  lost: number
  /** What its last sample with a time of its own lasted, in units of its timescale. */
  usual: number
  /** When its last fragment arrived, in milliseconds, and where the track it is compared with had got to then, in seconds. */
  arrivedAt: number
  otherSeconds: number
}

/**
 * Hub time: decode times of each track that go on without a step back or a hole, whatever the camera does.
 *
 * go2rtc counts what it sends: a second or more that a track did not send is missing in its times, and sound may begin later than
 * the picture. So each track is compared with when its fragments arrive and with how far the other one has got. A picture
 * after a pause lasts for as long as the pause was, so that the next one is shown in time. Where sound is missing there is silence, also
 * while it is missing: a player that has no sound to play stops.
 */
export class Continuity {
  readonly #tracks: readonly Progress[]
  readonly #primary: Progress
  /** The sound that the primary track is compared with. */
  readonly #sound: Progress | undefined
  /** From upstream's time to hub time, in units of the primary track's timescale; unknown until the primary track begins. */
  #offset: number | undefined

  constructor(init: InitSegment) {
    this.#tracks = init.tracks.map(track => ({
      track,
      silence: track.kind === 'audio' ? silentFrame(track) : undefined,
      end: 0,
      upstreamEnd: undefined,
      lost: 0,
      usual: 0,
      arrivedAt: 0,
      otherSeconds: 0,
    }))
    this.#primary = this.#tracks[primaryTrack(init).index]!
    this.#sound = this.#tracks.find(({ track }) => track.kind === 'audio' && track !== this.#primary.track)
  }

  /** The upstream connection begins anew, and its decode times with it. */
  restart(): void {
    this.#offset = undefined
    for (const progress of this.#tracks) {
      progress.upstreamEnd = undefined
      progress.lost = 0
    }
  }

  /** Where a track has got to, in units of its timescale. */
  endOf(track: Track): number {
    return this.#tracks[track.index]!.end
  }

  /**
   * How many seconds the end of some track is from that of the primary track, where both have come within a second: more than the time
   * between their packets where a track runs at another speed than it says.
   */
  apart(now: number): number {
    const own = this.#primary
    let most = 0
    for (const progress of this.#tracks) {
      if (progress === own || progress.upstreamEnd === undefined) continue
      if (now - Math.min(progress.arrivedAt, own.arrivedAt) > PAUSE_MS) continue
      most = Math.max(most, Math.abs(seconds(progress) - seconds(own)))
    }
    return most
  }

  /** The place of a fragment that has arrived `now`, in milliseconds of a steady clock; undefined if it has none and is dropped. */
  place(fragment: Fragment, now: number): Placement | undefined {
    const progress = this.#tracks[fragment.track.index]!
    const isPrimary = progress === this.#primary
    let missing = 0
    if (this.#offset === undefined) {
      if (!isPrimary || !fragment.sync) return undefined
      missing = this.#behind()
      this.#offset = progress.end - fragment.decodeTime
      for (const each of this.#tracks) each.arrivedAt = now
    } else missing = this.#missing(progress, fragment, now)
    progress.lost += missing
    if (!hasNoTime(fragment)) progress.usual = fragment.duration
    const placement = isPrimary
      ? this.#placePrimary(fragment, missing, now)
      : this.#placeBeside(progress, fragment)
    progress.upstreamEnd = fragment.decodeTime + fragment.duration
    progress.arrivedAt = now
    if (placement) progress.end = placement.decodeTime + placement.duration
    const other = this.#comparedWith(progress)
    progress.otherSeconds = other ? seconds(other) : 0
    return placement
  }

  #placePrimary({ decodeTime, duration, track }: Fragment, missing: number, now: number): Placement {
    const { end, lost } = this.#primary
    const gap = decodeTime + lost + this.#offset! - end
    const isClosed = gap < 0 || gap - missing > LARGEST_GAP * track.timescale
    if (isClosed) this.#offset! -= gap
    return {
      decodeTime: end,
      duration: isClosed ? duration : duration + gap,
      silences: this.#fillOthers(now),
    }
  }

  #placeBeside(progress: Progress, { decodeTime, duration, track }: Fragment): Placement | undefined {
    const { end, lost, usual } = progress
    const time = decodeTime + lost + this.#scale(this.#offset!, track)
    let gap = time - end
    const ahead = time - Math.max(end, this.#scale(this.#primary.end, track))
    if (ahead > LARGEST_GAP * track.timescale) {
      this.#offset! -= Math.round((ahead * this.#primary.track.timescale) / track.timescale)
      gap -= ahead
    }
    if (Math.abs(gap) < Math.max(duration, usual)) return { decodeTime: end, duration, silences: [] }
    if (gap < 0) return undefined
    if (gap > MOST_FILLED * track.timescale) return { decodeTime: end + gap, duration, silences: [] }
    if (!progress.silence) return { decodeTime: end, duration: duration + gap, silences: [] }
    const silences = this.#fill(progress, Math.round(gap / progress.silence.duration))
    return { decodeTime: progress.end, duration, silences }
  }

  /** What is missing of other tracks up to the picture that has come. */
  #fillOthers(now: number): Silence[] {
    const reached = seconds(this.#primary)
    return this.#tracks.flatMap(progress => {
      const { silence, track } = progress
      if (progress === this.#primary || !silence || now - progress.arrivedAt < FILLED_AFTER_MS) return []
      const missing = reached - seconds(progress)
      if (missing < FILLED_SECONDS || missing > MOST_FILLED) return []
      return this.#fill(progress, Math.floor((missing * track.timescale) / silence.duration))
    })
  }

  #fill(progress: Progress, count: number): Silence[] {
    const { track, silence, end } = progress
    if (!silence || count === 0) return []
    progress.end += count * silence.duration
    return [{ track, frame: silence, decodeTime: end, count }]
  }

  /** How far the primary track is behind the other tracks, which went on without it, in units of its timescale. */
  #behind(): number {
    const behind = Math.max(...this.#tracks.map(seconds)) - seconds(this.#primary)
    return behind > MOST_FILLED ? 0 : Math.round(behind * this.#primary.track.timescale)
  }

  /** What upstream's time has lost since the last fragment of a track, in units of its timescale. */
  #missing(progress: Progress, fragment: Fragment, now: number): number {
    const { track, upstreamEnd } = progress
    const came = fragment.decodeTime + fragment.duration
    if (upstreamEnd === undefined) {
      if (progress === this.#primary) return 0
      const late = seconds(this.#primary) - (came + this.#scale(this.#offset!, track)) / track.timescale
      return late > LATE_START ? Math.round(late * track.timescale) : 0
    }
    const passed = this.#passedSince(progress, fragment, now)
    if (passed === undefined) return 0
    const missing = passed - (came - upstreamEnd) / track.timescale
    return missing > TOLERANCE ? Math.round(missing * track.timescale) : 0
  }

  /** The seconds that have passed since the last fragment of a track, if it paused. */
  #passedSince(progress: Progress, fragment: Fragment, now: number): number | undefined {
    const silentMs = now - progress.arrivedAt
    const isTimeless = progress === this.#primary && hasNoTime(fragment)
    if (silentMs < (isTimeless ? PAUSE_WITHOUT_TIME_MS : PAUSE_MS)) return undefined
    const other = this.#comparedWith(progress)
    const went = other ? seconds(other) - progress.otherSeconds : 0
    if (went * 1000 >= silentMs * WENT_ON) return went
    // Nothing of either track: the connection stood still, and what it held back has its times.
    return isTimeless ? silentMs / 1000 : undefined
  }

  #comparedWith(progress: Progress): Progress | undefined {
    return progress === this.#primary ? this.#sound : this.#primary
  }

  #scale(ticks: number, to: Track): number {
    const { timescale } = this.#primary.track
    return timescale === to.timescale ? ticks : Math.round((ticks * to.timescale) / timescale)
  }
}

function seconds({ end, track }: Progress): number {
  return end / track.timescale
}

/** go2rtc knows no duration for it. */
export function hasNoTime({ duration, track }: Fragment): boolean {
  return duration <= NO_TIME * track.timescale
}
