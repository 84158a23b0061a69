import { api, mediaUrl } from '../lib/api.js'
import { h, icon } from '../lib/dom.js'
import { LivePlayer } from './player.js'

const SAYS = {
  connecting: 'Connecting…',
  live: '',
  stalled: 'No picture from the camera',
  blocked: 'Tap to play',
  refused: 'Cannot be played here',
  'no-access': 'Not available to you',
}

/** A page that nobody sees lets go of its streams after this long. */
const HIDDEN_MS = 10_000

/**
 * `<live-video>`: plays its camera while it is in the document, near the viewport, and the page is seen. `data-state`
 * tells its state to style sheets.
 */
export class LiveVideo extends HTMLElement {
  /** @type {import('../lib/cameras.js').Camera | undefined} */
  camera
  video = h('video', { muted: true, autoplay: true, playsInline: true })
  #message = h('p', { class: 'live-message', role: 'status' })
  /** @type {LivePlayer | undefined} */
  #player
  #near = false
  /** @type {AbortController | undefined} */
  #attached
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #hiding

  get lag() {
    return this.#player?.lag ?? 0
  }

  connectedCallback() {
    this.#attached = new AbortController()
    const { signal } = this.#attached
    this.video.setAttribute('aria-label', `Live video of ${this.camera?.name}`)
    this.replaceChildren(this.video, this.#message)
    this.addEventListener('click', () => this.#tapped(), { signal })

    const observer = new IntersectionObserver(([entry]) => this.#moved(entry?.isIntersecting ?? false), {
      rootMargin: '200px',
    })
    observer.observe(this)
    signal.addEventListener('abort', () => observer.disconnect())
    document.addEventListener('visibilitychange', () => this.#seenOrNot(), { signal })
  }

  disconnectedCallback() {
    this.#attached?.abort()
    clearTimeout(this.#hiding)
    this.#stop()
  }

  /** @param {boolean} near */
  #moved(near) {
    this.#near = near
    if (near) this.#start()
    else this.#stop()
  }

  #seenOrNot() {
    clearTimeout(this.#hiding)
    if (document.hidden) this.#hiding = setTimeout(() => this.#stop(), HIDDEN_MS)
    else if (this.#near) this.#start()
  }

  #start() {
    if (this.#player) return
    const stream = encodeURIComponent(this.camera?.stream ?? '')
    const url = () => mediaUrl(`/api/ws?src=${stream}`).replace(/^http/, 'ws')
    const player = new LivePlayer(this.video, url, { mayBeSeen: () => this.#mayBeSeen(), whyRefused })
    player.addEventListener('state', () => this.#show(player))
    this.#player = player
    this.#show(player)
    player.start()
  }

  #stop() {
    this.#player?.stop()
    this.#player = undefined
  }

  /** @param {LivePlayer} player */
  #show(player) {
    this.dataset.state = player.state
    this.title = player.reason
    const says = player.reason ? `${SAYS[player.state]}: ${short(player.reason)}` : SAYS[player.state]
    if (player.state === 'blocked') this.#message.replaceChildren(icon('play'), says)
    else this.#message.replaceChildren(says)
  }

  #tapped() {
    if (this.#player?.state === 'blocked') this.video.play().catch(() => {})
  }

  async #mayBeSeen() {
    try {
      await api(`/api/cameras/${encodeURIComponent(this.camera?.id ?? '')}/stream/mse`)
      return true
    } catch (error) {
      const status = Reflect.get(/** @type {object} */ (error), 'status')
      if (status === 401 || status === 403 || status === 404) return false
      throw error
    }
  }
}

/** Why this page may open no WebSocket; empty if it may. */
async function whyRefused() {
  try {
    await api(`/api/ws/origin?origin=${encodeURIComponent(location.origin)}`)
    return ''
  } catch (error) {
    const { status, message } = /** @type {{status?: number, message: string}} */ (error)
    if (status === 403) return message
    throw error
  }
}

customElements.define('live-video', LiveVideo)

/** The gist of an error: go2rtc may append all that ffmpeg had to say. @param {string} reason */
function short(reason) {
  const line = reason.replace(/^mse: (?:streams: )?/, '').split('\n', 1)[0] ?? ''
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** @param {import('../lib/cameras.js').Camera} camera */
export function liveVideo(camera) {
  const element = new LiveVideo()
  element.camera = camera
  return element
}
