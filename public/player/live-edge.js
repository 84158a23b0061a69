/** Seconds behind the newest frame that a player aims at: the first guess, the step after a stall, and the most. */
const FIRST_TARGET = 0.5
const STALL_STEP = 0.3
const MAX_TARGET = 3

/** So far behind the target, catching up by speed would take too long: jump. */
const JUMP_BEYOND = 2.5

const FASTEST = 1.25

/** Keeps a video near the newest frame: by speed where it lags a little, by a jump where it lags much. */
export class LiveEdge {
  #video
  #target = FIRST_TARGET
  #joining = true

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.#video = video
    video.addEventListener('waiting', () => this.#stalled())
  }

  /** Seconds between the picture and the newest frame. */
  get lag() {
    const { buffered, currentTime } = this.#video
    return buffered.length > 0 ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : 0
  }

  /** The next media starts a new connection: go to its end at once instead of playing its kept GOP. */
  join() {
    this.#joining = true
  }

  /** Call after each append. */
  follow() {
    const { buffered, currentTime } = this.#video
    if (buffered.length === 0) return
    const last = buffered.length - 1
    const start = buffered.start(last)
    const end = buffered.end(last)
    const goal = Math.max(start, end - this.#target)

    if (
      this.#joining ||
      currentTime < start ||
      currentTime > end ||
      end - currentTime > this.#target + JUMP_BEYOND
    ) {
      if (end - start === 0) return
      this.#joining = false
      this.#video.currentTime = goal
      this.#video.playbackRate = 1
      return
    }
    const behind = end - currentTime - this.#target
    this.#video.playbackRate = behind > 0.15 ? Math.min(FASTEST, 1 + behind * 0.15) : 1
  }

  #stalled() {
    if (this.#joining || this.#video.seeking || this.#video.readyState === 0) return
    this.#target = Math.min(MAX_TARGET, this.#target + STALL_STEP)
  }
}
