import { h } from './dom.js'

/**
 * Says something in passing: seen for some seconds, and read out.
 *
 * @param {string} message
 * @param {'info' | 'error'} [kind]
 */
export function toast(message, kind = 'info') {
  const note = h('p', { class: `toast toast-${kind}` }, message)
  document.getElementById('toasts')?.append(note)
  setTimeout(() => note.remove(), kind === 'error' ? 8000 : 4000)
}
