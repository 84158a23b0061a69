import { h, icon } from './lib/dom.js'
import { session } from './lib/session.js'

/**
 * A view fills `outlet`, and ends everything it started when the signal does.
 *
 * @typedef {{outlet: HTMLElement, signal: AbortSignal, path: string[]}} ViewContext
 * @typedef {(context: ViewContext) => void | Promise<void>} View
 */

/**
 * What there is in the navigation, and the module that is loaded when one goes there.
 *
 * @type {{id: string, label: string, admin?: true, load: () => Promise<{view: View}>}[]}
 */
const places = [
  { id: 'live', label: 'Live', load: () => import('./views/live.js') },
  { id: 'events', label: 'Events', load: () => import('./views/events.js') },
  { id: 'streams', label: 'Streams', load: () => import('./views/streams.js') },
  { id: 'manage', label: 'Manage', admin: true, load: () => import('./views/manage.js') },
  { id: 'account', label: 'Account', load: () => import('./views/account.js') },
]

const app = /** @type {HTMLElement} */ (document.getElementById('app'))

let current = new AbortController()

/** Shows what the address says, or the login. */
async function show() {
  current.abort()
  current = new AbortController()
  const { signal } = current

  if (session.token === null) {
    const { login } = await import('./views/login.js')
    if (signal.aborted) return
    document.title = 'Sign in · camgate'
    app.replaceChildren(login())
    app.querySelector('input')?.focus()
    return
  }

  const path = location.hash.replace(/^#\/?/, '').split('/').map(decoded)
  const place = visiblePlaces().find(({ id }) => id === path[0]) ?? places[0]
  if (!place) return
  const outlet = shell(place.id)
  document.title = `${place.label} · camgate`
  try {
    const { view } = await place.load()
    if (!signal.aborted) await view({ outlet, signal, path: path.slice(1) })
  } catch (error) {
    if (!signal.aborted) outlet.replaceChildren(failed(error))
  }
}

/** A part of the address; one that cannot be decoded names nothing. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

function visiblePlaces() {
  return places.filter(({ admin }) => !admin || session.user?.is_admin)
}

/**
 * The frame around every view; it stays while one goes from view to view.
 *
 * @param {string} here
 * @returns {HTMLElement} where the view goes
 */
function shell(here) {
  const links = visiblePlaces().map(({ id, label }) =>
    h(
      'a',
      { href: `#/${id}`, class: 'nav-link', 'aria-current': id === here && 'page' },
      icon(id),
      h('span', null, label),
    ),
  )
  const outlet = h('main', { id: 'main', class: 'main', tabIndex: -1 })
  app.replaceChildren(
    h('a', { class: 'skip', href: '#main', onclick: skipToMain }, 'Skip to content'),
    h(
      'header',
      { class: 'bar' },
      h(
        'a',
        { class: 'brand', href: '#/live', 'aria-label': 'camgate, live wall' },
        brandMark(),
        h('span', null, 'camgate'),
      ),
      h('nav', { class: 'nav', 'aria-label': 'Main' }, links),
    ),
    outlet,
  )
  return outlet
}

function brandMark() {
  return h('img', { src: '/icon.svg', alt: '', width: 28, height: 28 })
}

/** @param {Event} event */
function skipToMain(event) {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** @param {unknown} error */
function failed(error) {
  const message = error instanceof Error ? error.message : String(error)
  return h(
    'section',
    { class: 'empty', role: 'alert' },
    icon('warning'),
    h('h1', null, 'This could not be loaded'),
    h('p', null, message),
    h('button', { type: 'button', class: 'button', onclick: show }, 'Try again'),
  )
}

addEventListener('hashchange', show)
addEventListener('storage', event => {
  if (event.key === 'token') show()
})
session.addEventListener('signed-in', show)
session.addEventListener('signed-out', show)
show()
