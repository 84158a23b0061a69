import { h } from './dom.js'

const HIGH = 0.8

/**
 * How much of a limit is used.
 *
 * @param {number} share from 0 to 1
 * @param {string} label
 */
export function meter(share, label) {
  const percent = Math.round(Math.min(1, Math.max(0, share || 0)) * 100)
  const bar = h('div', { class: 'meter-bar' })
  bar.style.width = `${percent}%`
  return h(
    'div',
    {
      class: share > HIGH ? 'meter meter-high' : 'meter',
      role: 'meter',
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': percent,
    },
    bar,
  )
}
