import { mediaUrl } from '../../lib/api.js'
import { h, icon, iconButton } from '../../lib/dom.js'
import { formatMoment } from '../../lib/format.js'
import { title } from './words.js'

/**
 * Plays an event's clip; the arrow keys go to the events beside it.
 *
 * @param {import('../events.js').FrigateEvent[]} events
 * @param {number} start
 */
export function clip(events, start) {
  let index = start
  const heading = h('h2', { id: 'clip-title' })
  const where = h('p', { class: 'muted' })
  const stage = h('div', { class: 'clip-stage' })
  const save = h(
    'a',
    { class: 'icon-button', 'aria-label': 'Save the clip', title: 'Save the clip' },
    icon('save'),
  )
  const dialog = h(
    'dialog',
    { class: 'dialog clip', 'aria-labelledby': 'clip-title' },
    h(
      'div',
      { class: 'clip-head' },
      h('div', null, heading, where),
      h(
        'div',
        { class: 'clip-tools' },
        iconButton('back', 'Newer event', () => show(index - 1)),
        iconButton('next', 'Older event', () => show(index + 1)),
        save,
        iconButton('close', 'Close', () => dialog.close()),
      ),
    ),
    stage,
  )

  /** @param {number} next */
  function show(next) {
    const event = events[next]
    if (!event) return
    index = next
    const path = `/api/events/${encodeURIComponent(event.id)}`
    heading.textContent = title(event.sub_label || event.label)
    const zones = event.zones?.length ? ` · ${event.zones.map(title).join(', ')}` : ''
    where.textContent = `${title(event.camera)}${zones} · ${formatMoment(event.start_time)}`
    save.href = mediaUrl(`${path}/clip.mp4`)
    save.download = `${event.camera}-${event.id}.mp4`
    save.hidden = !event.has_clip
    stopVideo()
    stage.replaceChildren(event.has_clip ? video(event, path) : still(event, path))
  }

  /**
   * @param {import('../events.js').FrigateEvent} event
   * @param {string} path
   */
  function video(event, path) {
    const element = h('video', { controls: true, autoplay: true, playsInline: true, preload: 'metadata' })
    element.setAttribute('aria-label', `${event.label} at ${event.camera}`)
    if (event.has_snapshot) element.poster = mediaUrl(`${path}/snapshot.jpg`)
    element.onerror = () =>
      stage.replaceChildren(h('p', { class: 'clip-note', role: 'alert' }, 'The clip cannot be played.'))
    element.src = mediaUrl(`${path}/clip.mp4`)
    return element
  }

  /**
   * @param {import('../events.js').FrigateEvent} event
   * @param {string} path
   */
  function still(event, path) {
    if (!event.has_snapshot)
      return h('p', { class: 'clip-note' }, 'Frigate kept neither a clip nor a picture.')
    return h('img', { src: mediaUrl(`${path}/snapshot.jpg`), alt: `${event.label} at ${event.camera}` })
  }

  /** An element that is only removed goes on loading. */
  function stopVideo() {
    const element = stage.querySelector('video')
    if (!element) return
    element.onerror = null
    element.removeAttribute('src')
    element.load()
  }

  dialog.addEventListener('keydown', event => {
    if (event.target instanceof HTMLVideoElement) return
    if (event.key === 'ArrowLeft') show(index - 1)
    if (event.key === 'ArrowRight') show(index + 1)
  })
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close()
  })
  dialog.addEventListener('close', () => {
    stopVideo()
    dialog.remove()
  })
  addEventListener('hashchange', () => dialog.close(), { once: true })
  document.body.append(dialog)
  show(index)
  dialog.showModal()
}
