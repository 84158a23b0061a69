import { h, icon } from '../lib/dom.js'
import { formatBytes, formatCount, formatDuration } from '../lib/format.js'
import { meter } from '../lib/meter.js'
import { poll } from '../lib/poll.js'
import { loadStreamStatus } from '../lib/stream-status.js'
import { total } from '../lib/total.js'

/** A picture that is older is told. */
const OLD_PICTURE_SECONDS = 5

/** What the server holds for each stream, live. @type {import('../app.js').View} */
export function view({ outlet, signal }) {
  const totals = h('dl', { class: 'totals' })
  const body = h('tbody')
  const error = h('p', { class: 'form-error', role: 'alert' })
  const table = h(
    'table',
    { class: 'table table-cards' },
    h('caption', { class: 'visually-hidden' }, 'Streams'),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ['Stream', 'State', 'Viewers', 'Held', 'Dropped', 'Up'].map(name => h('th', { scope: 'col' }, name)),
      ),
    ),
    body,
  )
  const none = h(
    'section',
    { class: 'empty', hidden: true },
    icon('streams'),
    h('h2', null, 'No stream is running'),
    h('p', null, 'A stream starts with its first viewer and ends soon after its last.'),
  )

  outlet.replaceChildren(
    h(
      'div',
      { class: 'page' },
      h('h1', null, 'Streams'),
      error,
      totals,
      h('div', { class: 'card table-card' }, table),
      none,
    ),
  )

  poll(2, signal, async () => {
    try {
      const status = await loadStreamStatus(signal)
      error.textContent = ''
      totals.replaceChildren(
        total('Viewers', formatCount(status.viewers)),
        total('Streams', formatCount(status.streams.length)),
        total(
          'Held',
          formatBytes(status.held),
          `of ${formatBytes(status.limit)}`,
          status.held / status.limit,
        ),
        total('Dropped', formatCount(status.streams.reduce((sum, { dropped }) => sum + dropped.packets, 0))),
      )
      body.replaceChildren(...status.streams.map(row))
      table.hidden = status.streams.length === 0
      none.hidden = status.streams.length > 0
    } catch (problem) {
      if (!signal.aborted) error.textContent = problem instanceof Error ? problem.message : String(problem)
    }
  })
}

/** @param {import('../lib/stream-status.js').StreamStatus} stream */
function row(stream) {
  return h(
    'tr',
    null,
    h('th', { scope: 'row' }, stream.name, h('span', { class: 'sub' }, stream.codecs.join(', '))),
    h(
      'td',
      { 'data-label': 'State' },
      h('span', { class: `badge badge-${stream.state}` }, stream.state),
      ...troublesOf(stream).map(trouble => h('span', { class: 'sub' }, trouble)),
      stream.gop.too_large && h('span', { class: 'sub' }, 'GOP too large to keep'),
    ),
    h('td', { 'data-label': 'Viewers', class: 'number' }, formatCount(stream.viewers)),
    h(
      'td',
      { 'data-label': 'Held', class: 'held' },
      h(
        'span',
        null,
        formatBytes(stream.held_bytes),
        h('span', { class: 'muted' }, ` of ${formatBytes(stream.limit_bytes)}`),
      ),
      meter(stream.held_bytes / stream.limit_bytes, `Held by ${stream.name}`),
    ),
    h('td', { 'data-label': 'Dropped', class: 'number' }, formatCount(stream.dropped.packets)),
    h('td', { 'data-label': 'Up', class: 'number' }, formatDuration(stream.uptime_seconds)),
  )
}

/** @param {import('../lib/stream-status.js').StreamStatus} stream */
function troublesOf({ fault, picture_seconds_ago: age, sound_lost: soundLost }) {
  if (fault) return [fault]
  const troubles = []
  if (age !== null && age > OLD_PICTURE_SECONDS) troubles.push(`no picture for ${formatDuration(age)}`)
  if (soundLost) troubles.push('sound lost')
  return troubles
}
