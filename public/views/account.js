import { api } from '../lib/api.js'
import { h } from '../lib/dom.js'
import { session } from '../lib/session.js'

/** One's own account. @type {import('../app.js').View} */
export function view({ outlet }) {
  outlet.replaceChildren(
    h(
      'div',
      { class: 'page page-narrow' },
      h('h1', null, 'Account'),
      h(
        'section',
        { class: 'card' },
        h(
          'div',
          { class: 'card-head' },
          h(
            'div',
            null,
            h('h2', null, session.user?.username ?? ''),
            h('p', { class: 'muted' }, session.user?.is_admin ? 'Administrator' : 'Viewer'),
          ),
          h('button', { type: 'button', class: 'button', onclick: signOut }, 'Sign out'),
        ),
      ),
      appearance(),
    ),
  )
}

async function signOut() {
  await api('/api/auth/logout', { method: 'POST', body: {} }).catch(() => {})
  session.end()
}

function appearance() {
  const chosen = localStorage.getItem('theme') ?? 'auto'
  const options = [
    ['auto', 'As the device'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ]
  return h(
    'fieldset',
    { class: 'card segmented' },
    h('legend', { class: 'card-legend' }, 'Appearance'),
    h(
      'div',
      { class: 'segments' },
      options.map(([value, label]) =>
        h(
          'label',
          { class: 'segment' },
          h('input', {
            type: 'radio',
            name: 'theme',
            value,
            checked: chosen === value,
            onchange: () => choose(value ?? 'auto'),
          }),
          h('span', null, label),
        ),
      ),
    ),
  )
}

/** @param {string} theme */
function choose(theme) {
  localStorage.setItem('theme', theme)
  dispatchEvent(new Event('theme-chosen'))
}
