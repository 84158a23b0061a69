import { mediaUrl } from '../../lib/api.js'
import { h, icon } from '../../lib/dom.js'
import { formatDuration, formatMoment } from '../../lib/format.js'
import { title } from './words.js'

/**
 * One event: its picture, what, where and when.
 *
 * @param {import('../events.js').FrigateEvent} event
 * @param {() => void} open
 */
export function card(event, open) {
  const running = event.end_time === null || event.end_time === undefined
  const picture = h('img', {
    class: 'event-thumb',
    src: mediaUrl(`/api/events/${encodeURIComponent(event.id)}/thumbnail.jpg`),
    alt: '',
    loading: 'lazy',
    decoding: 'async',
    onerror: () => picture.remove(),
  })
  return h(
    'li',
    { class: 'event' },
    h(
      'button',
      { type: 'button', class: 'event-button', onclick: open },
      h(
        'span',
        { class: 'event-picture' },
        icon('photo'),
        picture,
        running
          ? h('span', { class: 'event-length event-running' }, 'now')
          : h('span', { class: 'event-length' }, formatDuration((event.end_time ?? 0) - event.start_time)),
      ),
      h('span', { class: 'event-what' }, title(event.sub_label || event.label)),
      h('span', { class: 'event-where' }, `${title(event.camera)} · ${formatMoment(event.start_time)}`),
    ),
  )
}
