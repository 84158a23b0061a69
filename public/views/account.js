import { api } from '../lib/api.js'
import { h } from '../lib/dom.js'
import { session } from '../lib/session.js'
import { appearance } from './account/appearance.js'
import { changePassword, changeUsername } from './account/credentials.js'
import { playerTokens } from './account/player-tokens.js'
import { sessions } from './account/sessions.js'

/** One's own account. @type {import('../app.js').View} */
export function view({ outlet, signal }) {
  const name = h('h2', null, session.user?.username ?? '')
  outlet.replaceChildren(
    h(
      'div',
      { class: 'page page-narrow' },
      h('h1', null, 'Account'),
      h(
        'section',
        { class: 'card card-stack' },
        h(
          'div',
          { class: 'card-head' },
          h(
            'div',
            null,
            name,
            h('p', { class: 'muted' }, session.user?.is_admin ? 'Administrator' : 'Viewer'),
          ),
          h('button', { type: 'button', class: 'button', onclick: signOut }, 'Sign out'),
        ),
        h(
          'div',
          { class: 'button-row' },
          h(
            'button',
            { type: 'button', class: 'button button-small', onclick: changePassword },
            'Change password…',
          ),
          h(
            'button',
            {
              type: 'button',
              class: 'button button-small',
              onclick: () => changeUsername(text => name.replaceChildren(text)),
            },
            'Change username…',
          ),
        ),
      ),
      appearance(),
      session.user?.is_active !== false && sessions(signal),
      session.user?.is_active !== false && playerTokens(signal),
    ),
  )
}

async function signOut() {
  await api('/api/auth/logout', { method: 'POST', body: {} }).catch(() => {})
  session.end()
}
