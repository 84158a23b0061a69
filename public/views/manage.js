import { h } from '../lib/dom.js'

/** @type {{id: string, label: string, load: () => Promise<{view: import('../app.js').View}>}[]} */
const tabs = [
  { id: 'users', label: 'Users', load: () => import('./manage/users.js') },
  { id: 'security', label: 'Security', load: () => import('./manage/security.js') },
  { id: 'memory', label: 'Memory', load: () => import('./manage/memory.js') },
  { id: 'audit', label: 'Audit log', load: () => import('./manage/audit.js') },
]

/** What administrators do. @type {import('../app.js').View} */
export async function view({ outlet, signal, path }) {
  const tab = tabs.find(({ id }) => id === path[0]) ?? tabs[0]
  if (!tab) return
  const inner = h('div', { class: 'page-inner' })
  outlet.replaceChildren(
    h(
      'div',
      { class: 'page' },
      h('h1', null, 'Manage'),
      h(
        'nav',
        { class: 'tabs', 'aria-label': 'Manage' },
        tabs.map(({ id, label }) =>
          h('a', { href: `#/manage/${id}`, 'aria-current': id === tab.id && 'page', class: 'tab' }, label),
        ),
      ),
      inner,
    ),
  )
  const { view } = await tab.load()
  if (!signal.aborted) await view({ outlet: inner, signal, path: path.slice(1) })
}
