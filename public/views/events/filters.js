import { h } from '../../lib/dom.js'
import { title } from './words.js'

/** What Frigate's default model tells apart and people care for. */
const LABELS = ['person', 'car', 'dog', 'cat', 'package', 'bicycle', 'motorcycle', 'bird']

/** @typedef {{camera?: string, label?: string, after?: string}} Query */

/**
 * The row of choices above the list.
 *
 * @param {{id: string, name: string}[]} cameras
 * @param {() => void} changed
 */
export function filters(cameras, changed) {
  const camera = choice(
    'Camera',
    [['', 'All cameras'], ...cameras.map(({ id, name }) => [id, name])],
    changed,
  )
  const label = choice('Kind', [['', 'Everything'], ...LABELS.map(name => [name, title(name)])], changed)
  const span = choice(
    'Time',
    [
      ['', 'Any time'],
      ['3600', 'Last hour'],
      ['86400', 'Last day'],
      ['604800', 'Last week'],
    ],
    changed,
  )
  return {
    element: h(
      'div',
      { class: 'filters', role: 'group', 'aria-label': 'Filters' },
      camera.row,
      label.row,
      span.row,
    ),
    /** @returns {Query} */
    query() {
      /** @type {Query} */
      const query = {}
      if (camera.select.value) query.camera = camera.select.value
      if (label.select.value) query.label = label.select.value
      if (span.select.value) query.after = String(Math.floor(Date.now() / 1000) - Number(span.select.value))
      return query
    },
  }
}

/**
 * @param {import('../events.js').FrigateEvent} event
 * @param {Query} query
 */
export function matches(event, query) {
  if (query.camera !== undefined && event.camera !== query.camera) return false
  return query.label === undefined || event.label === query.label
}

/**
 * @param {string} label
 * @param {string[][]} options
 * @param {() => void} onchange
 */
function choice(label, options, onchange) {
  const select = h(
    'select',
    { 'aria-label': label, onchange },
    options.map(([value, text]) => h('option', { value }, text)),
  )
  return { select, row: select }
}
