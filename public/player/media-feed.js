import { MediaSourceClass } from './codecs.js'

/** Seconds kept behind the picture: more than the longest usual GOP, as browsers remove up to the next sync sample. */
const KEEP_BEHIND = 15
const TRIM_EVERY = 5

/** What may wait for the SourceBuffer. More than this means that the tab was frozen. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/**
 * Brings fMP4 into a video: owns its MediaSource, feeds the SourceBuffer, which takes one thing at a time, in order,
 * and trims what lies behind the picture.
 */
export class MediaFeed {
  #video
  #source
  #objectUrl
  /** @type {SourceBuffer | undefined} */
  #buffer
  /** @type {(ArrayBuffer | (() => void))[]} */
  #waiting = []
  #waitingBytes = 0
  #keepBehind = KEEP_BEHIND
  #tracks
  #onAppended
  #onFailed

  /**
   * @param {HTMLVideoElement} video
   * @param {string} type MIME type with codecs
   * @param {{onAppended: () => void, onFailed: () => void}} handlers after `onFailed` only `close()` may be called
   */
  constructor(video, type, { onAppended, onFailed }) {
    this.#video = video
    this.#tracks = trackCount(type)
    this.#onAppended = onAppended
    this.#onFailed = onFailed
    const source = new /** @type {typeof MediaSource} */ (MediaSourceClass)()
    this.#source = source
    this.#objectUrl = URL.createObjectURL(source)
    source.addEventListener('sourceopen', () => this.#open(type), { once: true })
    // The managed kind, which iPhones have, opens only where the picture cannot be sent to another screen.
    video.disableRemotePlayback = true
    video.src = this.#objectUrl
  }

  /** @param {ArrayBuffer} data */
  append(data) {
    this.#waitingBytes += data.byteLength
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#onFailed()
    this.#waiting.push(data)
    this.#next()
  }

  /**
   * Whether a connection with these tracks can go on in the same buffer: it takes another codec, but not another number of tracks.
   *
   * @param {string} type
   */
  takes(type) {
    return trackCount(type) === this.#tracks
  }

  /**
   * A new connection: its timeline starts near 0 again and is put behind what was played, so that the last picture
   * stays until the next one is there.
   *
   * @param {string} type
   */
  continueWith(type) {
    this.#waitingBytes = 0
    this.#waiting = [() => this.#join(type)]
    this.#next()
  }

  close() {
    this.#waiting = []
    URL.revokeObjectURL(this.#objectUrl)
    this.#video.removeAttribute('src')
    this.#video.load()
  }

  /** @param {string} type */
  #open(type) {
    try {
      const buffer = this.#source.addSourceBuffer(type)
      buffer.mode = 'segments'
      buffer.addEventListener('updateend', () => {
        this.#onAppended()
        this.#next()
      })
      buffer.addEventListener('error', () => this.#onFailed())
      this.#buffer = buffer
      this.#next()
    } catch {
      this.#onFailed()
    }
  }

  /** @param {string} type */
  #join(type) {
    const buffer = this.#buffer
    if (!buffer) return
    const { buffered } = buffer
    buffer.abort()
    buffer.changeType(type)
    buffer.timestampOffset = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0
  }

  #next() {
    const buffer = this.#buffer
    if (!buffer || buffer.updating || this.#source.readyState !== 'open') return
    try {
      if (this.#trim(buffer)) return
      let item = this.#waiting.shift()
      while (typeof item === 'function') {
        item()
        item = this.#waiting.shift()
      }
      if (item === undefined) return
      this.#waitingBytes -= item.byteLength
      buffer.appendBuffer(item)
    } catch {
      this.#onFailed()
    }
  }

  /**
   * @param {SourceBuffer} buffer
   * @returns {boolean} whether a removal has begun
   */
  #trim(buffer) {
    const { buffered } = buffer
    const { currentTime } = this.#video
    if (buffered.length === 0) return false
    const start = buffered.start(0)
    // Only a removal that took the present GOP with it leaves the picture before all that is buffered.
    if (currentTime > KEEP_BEHIND && start > currentTime) this.#keepBehind *= 2
    const until = currentTime - this.#keepBehind
    if (until - start < TRIM_EVERY) return false
    buffer.remove(0, until)
    return true
  }
}

/** @param {string} type MIME type with codecs */
function trackCount(type) {
  return type.split(',').length
}
