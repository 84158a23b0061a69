import { MediaSourceClass, playableCodecs } from './codecs.js'
import { Connection } from './connection.js'
import { LiveEdge } from './live-edge.js'
import { MediaFeed } from './media-feed.js'

/**
 * - `connecting`: no picture yet, or the connection is being made anew
 * - `live`
 * - `stalled`: connected, but the camera sends nothing
 * - `blocked`: the browser wants a tap before it plays
 * - `refused`: the server said why this stream cannot be played here
 * - `no-access`: this session may not see this stream, or there is none of that name
 *
 * @typedef {object} Checks
 * @property {() => Promise<boolean>} mayBeSeen whether this session may see the stream
 * @property {() => Promise<string>} whyRefused why this page may open no WebSocket, empty if it may
 *
 * @typedef {'connecting' | 'live' | 'stalled' | 'blocked' | 'refused' | 'no-access'} PlayerState
 */

/** Nothing from the camera for this long is told. */
const STALLED_MS = 3_000

/** The server answers requests, and so many connections for live video in a row were refused. */
const REFUSALS = 3
const NO_WEBSOCKETS = 'the way to the server lets no WebSocket through; does the proxy pass on Upgrade?'

/** A refusal and a lost permission may pass: ask again, calmly. */
const CALM_RETRY_MS = 15_000

/**
 * Plays one live stream in a `<video>` and stays near its newest frame. A `state` event tells each change; `stop()`
 * ends everything it holds. Made for one start and one stop.
 */
export class LivePlayer extends EventTarget {
  /** @type {PlayerState} */
  state = 'connecting'
  /** What the server said, in the state `refused`. */
  reason = ''

  #video
  #checks
  #edge
  #connection
  /** @type {MediaFeed | undefined} */
  #feed
  #lastMedia = 0
  /** Connections that were refused one after another although the server answers. */
  #refusals = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  #lifetime = new AbortController()

  /**
   * @param {HTMLVideoElement} video
   * @param {() => string} url the WebSocket address, token included
   * @param {Checks} checks what is asked when a connection is refused, as browsers do not tell a script with which status.
   *   They reject when the server cannot be reached.
   */
  constructor(video, url, checks) {
    super()
    this.#video = video
    this.#checks = checks
    this.#edge = new LiveEdge(video)
    this.#connection = new Connection(url, playableCodecs(), {
      onType: type => this.#begin(type),
      onMedia: data => this.#take(data),
      onRefused: reason => this.#pause('refused', reason),
      onLost: denied => this.#lost(denied),
    })
  }

  /** Seconds between the picture and the newest frame that has arrived. */
  get lag() {
    return this.#edge.lag
  }

  start() {
    if (MediaSourceClass === undefined) {
      this.#set('refused', 'This browser cannot play live video from a script')
      return
    }
    const { signal } = this.#lifetime
    addEventListener('online', () => this.#connection.hurry(), { signal })
    this.#video.addEventListener('playing', () => this.#set('live'), { signal })
    this.#video.addEventListener('error', () => this.#afresh(), { signal })
    const clock = setInterval(() => this.#tick(), 1000)
    signal.addEventListener('abort', () => clearInterval(clock))
    this.#connection.start()
  }

  stop() {
    this.#lifetime.abort()
    clearTimeout(this.#retry)
    this.#connection.stop()
    this.#closeFeed()
  }

  /** @param {string} type */
  #begin(type) {
    this.#edge.join()
    if (this.#feed && !this.#feed.takes(type)) this.#closeFeed()
    if (this.#feed) this.#feed.continueWith(type)
    else
      this.#feed = new MediaFeed(this.#video, type, {
        onAppended: () => this.#appended(),
        onFailed: () => this.#afresh(),
      })
  }

  /** @param {ArrayBuffer} data */
  #take(data) {
    this.#lastMedia = performance.now()
    this.#feed?.append(data)
  }

  #appended() {
    this.#edge.follow()
    if (this.#video.paused) this.#play()
    else if (this.#video.readyState > 2) this.#set('live')
  }

  #play() {
    this.#video.play().catch(error => {
      if (error.name === 'NotAllowedError') this.#set('blocked')
    })
  }

  #tick() {
    if (this.state === 'live' && performance.now() - this.#lastMedia > STALLED_MS) this.#set('stalled')
  }

  /** @param {boolean} denied */
  async #lost(denied) {
    if (this.state === 'live' || this.state === 'stalled') this.#set('connecting')
    if (!denied) {
      this.#refusals = 0
      return
    }
    const { mayBeSeen, whyRefused } = this.#checks
    try {
      if (!(await mayBeSeen())) return this.#pause('no-access')
      const why = await whyRefused()
      if (why) this.#pause('refused', why)
      else if (++this.#refusals === REFUSALS) this.#pause('refused', NO_WEBSOCKETS)
    } catch {
      // The server cannot be reached at all: the connection is tried again.
    }
  }

  /**
   * Leaves the server alone for a while.
   *
   * @param {PlayerState} state
   * @param {string} [reason]
   */
  #pause(state, reason) {
    if (this.#lifetime.signal.aborted) return
    this.#refusals = 0
    this.#connection.stop()
    this.#closeFeed()
    this.#set(state, reason)
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connection.start(), CALM_RETRY_MS)
  }

  /** The decoder or the buffer gave up: start with an empty one. */
  #afresh() {
    if (!this.#feed) return
    this.#closeFeed()
    this.#connection.stop()
    this.#set('connecting')
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connection.start(), 1000)
  }

  #closeFeed() {
    const feed = this.#feed
    this.#feed = undefined
    feed?.close()
  }

  /**
   * @param {PlayerState} state
   * @param {string} [reason]
   */
  #set(state, reason = '') {
    if (this.#lifetime.signal.aborted || (this.state === state && this.reason === reason)) return
    this.state = state
    this.reason = reason
    this.dispatchEvent(new Event('state'))
  }
}
