import { api } from '../lib/api.js'
import { h, icon, loadStyle } from '../lib/dom.js'
import { arrivals } from './events/arrivals.js'
import { card } from './events/card.js'
import { clip } from './events/clip.js'
import { filters, matches } from './events/filters.js'

/**
 * As Frigate tells it.
 *
 * @typedef {object} FrigateEvent
 * @property {string} id
 * @property {string} camera
 * @property {string} label
 * @property {string | null} [sub_label]
 * @property {string[]} [zones]
 * @property {number} start_time
 * @property {number | null} [end_time]
 * @property {boolean} has_clip
 * @property {boolean} has_snapshot
 */

const PAGE = 48

/** What happened, newest first, and what is happening. @type {import('../app.js').View} */
export async function view({ outlet, signal }) {
  await loadStyle('/styles/events.css')
  const { cameras } = await api('/api/cameras', { signal })
  if (signal.aborted) return

  /** @type {FrigateEvent[]} */
  let events = []
  const list = h('ul', { class: 'events', 'aria-label': 'Events' })
  const note = h('div', { role: 'status' })
  const more = h(
    'button',
    { type: 'button', class: 'button events-more', hidden: true, onclick: loadMore },
    'Older events',
  )
  const chosen = filters(cameras, reload)

  outlet.replaceChildren(
    h('div', { class: 'page' }, h('h1', null, 'Events'), chosen.element, h('div', null, note, list), more),
  )
  arrivals(signal, arrived)
  await reload()

  /** @param {number} [before] */
  async function fetchPage(before) {
    const query = new URLSearchParams({ limit: String(PAGE), ...chosen.query() })
    if (before !== undefined) query.set('before', String(before))
    return api(`/api/events?${query}`, { signal })
  }

  async function reload() {
    try {
      events = await fetchPage()
      list.replaceChildren(...events.map(item))
      more.hidden = events.length < PAGE
      note.replaceChildren(...(events.length === 0 ? [nothing()] : []))
    } catch (error) {
      if (!signal.aborted) note.replaceChildren(problem(error))
    }
  }

  async function loadMore() {
    more.disabled = true
    try {
      const older = await fetchPage(events.at(-1)?.start_time)
      events.push(...older)
      list.append(...older.map(item))
      more.hidden = older.length < PAGE
    } catch (error) {
      if (!signal.aborted) note.replaceChildren(problem(error))
    } finally {
      more.disabled = false
    }
  }

  /** @param {FrigateEvent} event */
  function item(event) {
    return card(event, () =>
      clip(
        events,
        events.findIndex(({ id }) => id === event.id),
      ),
    )
  }

  /**
   * An event begins, goes on or ends while one looks at the list.
   *
   * @param {FrigateEvent} event
   */
  function arrived(event) {
    if (!matches(event, chosen.query())) return
    const index = events.findIndex(({ id }) => id === event.id)
    const fresh = item(event)
    if (index === -1) {
      events.unshift(event)
      fresh.classList.add('event-new')
      list.prepend(fresh)
      note.replaceChildren()
    } else {
      events[index] = event
      list.children[index]?.replaceWith(fresh)
    }
  }
}

function nothing() {
  return h(
    'section',
    { class: 'empty' },
    icon('events'),
    h('h2', null, 'No events'),
    h('p', null, 'Nothing of this kind was seen, or Frigate is not connected.'),
  )
}

/** @param {unknown} error */
function problem(error) {
  return h(
    'p',
    { class: 'form-error', role: 'alert' },
    error instanceof Error ? error.message : String(error),
  )
}
