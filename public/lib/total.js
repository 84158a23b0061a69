import { h } from './dom.js'
import { meter } from './meter.js'

/**
 * One figure of a `totals` list.
 * @param {string} name
 * @param {string} value
 * @param {string} [more] in small print
 * @param {number} [share] 0 to 1, shown as a meter
 */
export function total(name, value, more, share) {
  return h(
    'div',
    { class: 'total' },
    h('dt', null, name),
    h(
      'dd',
      null,
      value,
      more && [' ', h('span', { class: 'muted' }, more)],
      share !== undefined && meter(share, name),
    ),
  )
}
