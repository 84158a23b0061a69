import { apiBlob } from '../../lib/api.js'
import { h, icon, iconButton } from '../../lib/dom.js'
import { toast } from '../../lib/toast.js'
import { liveVideo } from '../../player/element.js'
import { figuresOf } from './figures.js'

/** @typedef {import('../../lib/cameras.js').Camera} Camera */

/**
 * One camera, as large as it gets, with sound.
 *
 * @param {HTMLElement} outlet
 * @param {AbortSignal} signal
 * @param {Camera[]} cameras
 * @param {number} index
 */
export function single(outlet, signal, cameras, index) {
  outlet.classList.add('main-single')
  const camera = /** @type {Camera} */ (cameras[index])
  const player = liveVideo(camera)
  const { video } = player
  const stage = h('div', { class: 'stage' }, player)
  const figures = h('p', { class: 'single-figures' })

  const sound = iconButton('muted', 'Turn sound on', () => setMuted(!video.muted))
  const actions = {
    m: () => setMuted(!video.muted),
    f: () => toggleFullscreen(),
    s: () => savePicture(),
    Escape: () => go('#/live'),
    ArrowLeft: () => go(neighbour(-1)),
    ArrowRight: () => go(neighbour(1)),
  }

  /** @param {boolean} muted */
  function setMuted(muted) {
    video.muted = muted
    sound.replaceChildren(icon(muted ? 'muted' : 'sound'))
    sound.title = muted ? 'Turn sound on' : 'Turn sound off'
    sound.setAttribute('aria-label', sound.title)
  }

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen()
    else if (stage.requestFullscreen) stage.requestFullscreen()
    else Reflect.get(video, 'webkitEnterFullscreen')?.call(video)
  }

  async function savePicture() {
    try {
      const picture = await apiBlob(`/api/camera/${encodeURIComponent(camera.id)}/snapshot`, signal)
      const href = URL.createObjectURL(picture)
      const stamp = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19)
      h('a', { href, download: `${camera.id}-${stamp}.jpg` }).click()
      setTimeout(() => URL.revokeObjectURL(href), 1000)
    } catch (error) {
      if (!signal.aborted) toast(error instanceof Error ? error.message : String(error), 'error')
    }
  }

  /** @param {number} step */
  function neighbour(step) {
    const next = cameras[(index + step + cameras.length) % cameras.length]
    return `#/live/${encodeURIComponent(next?.id ?? '')}`
  }

  outlet.replaceChildren(
    h(
      'div',
      { class: 'single-head' },
      h(
        'a',
        { class: 'icon-button', href: '#/live', 'aria-label': 'Back to all cameras', title: 'All cameras' },
        icon('back'),
      ),
      h('h1', null, camera.name),
      h('div', { class: 'single-tools' }, [
        sound,
        iconButton('photo', 'Save a picture', savePicture),
        document.pictureInPictureEnabled &&
          iconButton('picture', 'Picture in picture', () => {
            video.requestPictureInPicture().catch(() => toast('Not possible yet', 'error'))
          }),
        iconButton('fullscreen', 'Fullscreen', toggleFullscreen),
      ]),
    ),
    stage,
    h('div', { class: 'single-foot' }, figures, neighbours()),
  )

  function neighbours() {
    if (cameras.length < 2) return null
    return h(
      'nav',
      { class: 'single-neighbours', 'aria-label': 'Cameras' },
      h(
        'a',
        {
          class: 'icon-button',
          href: neighbour(-1),
          'aria-label': 'Previous camera',
          title: 'Previous camera',
        },
        icon('back'),
      ),
      h(
        'a',
        { class: 'icon-button', href: neighbour(1), 'aria-label': 'Next camera', title: 'Next camera' },
        icon('next'),
      ),
    )
  }

  stage.addEventListener('dblclick', toggleFullscreen)
  document.addEventListener(
    'keydown',
    event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Escape' && document.fullscreenElement) return
      Reflect.get(actions, event.key)?.()
    },
    { signal },
  )
  figuresOf(signal, line => {
    const behind = player.dataset.state === 'live' ? ` · ${player.lag.toFixed(1)} s behind` : ''
    figures.textContent = line(camera.stream) + behind
  })
}

/** @param {string} hash */
function go(hash) {
  location.hash = hash
}
