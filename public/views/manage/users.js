import { api } from '../../lib/api.js'
import { h, icon } from '../../lib/dom.js'
import { formatDateTime } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'
import { session } from '../../lib/session.js'
import { createUser, deleteUser, resetPassword, setActive, setAdmin } from './user-actions.js'
import { chooseCameras } from './user-cameras.js'

/**
 * @typedef {{id: number, username: string, is_admin: boolean, is_active: boolean, last_login: string | null}} User
 */

/** Who may log in. @type {import('../../app.js').View} */
export function view({ outlet, signal }) {
  const add = h('button', { type: 'button', class: 'button button-primary' }, icon('plus'), 'New user')
  const users = section({
    title: 'Users',
    tools: add,
    signal,
    load: async () => {
      const answer = await api('/api/admin/users', { signal })
      return usersTable(answer.users, users.reload)
    },
  })
  add.onclick = () => createUser(users.reload)
  outlet.replaceChildren(users.element)
}

/**
 * @param {User[]} users
 * @param {() => void} changed
 */
function usersTable(users, changed) {
  return table(
    'Users',
    [
      {
        name: 'Name',
        cell: user => [user.username, user.id === session.user?.id && h('span', { class: 'sub' }, 'you')],
      },
      { name: 'Role', cell: user => (user.is_admin ? 'Administrator' : 'Viewer') },
      {
        name: 'State',
        cell: user =>
          user.is_active
            ? h('span', { class: 'badge badge-ok' }, 'active')
            : h('span', { class: 'badge badge-bad' }, 'disabled'),
      },
      { name: 'Last login', cell: user => formatDateTime(user.last_login) },
      { name: '', class: 'actions', cell: user => menu(user, changed) },
    ],
    users,
    'There are no users.',
  )
}

/**
 * What can be done with a user, folded away.
 *
 * @param {User} user
 * @param {() => void} changed
 */
function menu(user, changed) {
  const self = user.id === session.user?.id
  /** @type {[string, () => void, boolean?][]} */
  const actions = [
    ['Cameras…', () => chooseCameras(user)],
    ['Reset password…', () => resetPassword(user)],
  ]
  if (!self) {
    actions.push([user.is_admin ? 'Make viewer' : 'Make administrator', () => setAdmin(user, changed)])
    if (!user.is_admin) actions.push([user.is_active ? 'Disable' : 'Enable', () => setActive(user, changed)])
    actions.push(['Delete…', () => deleteUser(user, changed), true])
  }
  const id = `menu-${user.id}`
  const list = h(
    'div',
    { id, class: 'menu', popover: 'auto' },
    actions.map(([label, run, danger]) =>
      h(
        'button',
        {
          type: 'button',
          class: danger ? 'menu-item menu-item-bad' : 'menu-item',
          onclick: () => {
            list.hidePopover()
            run()
          },
        },
        label,
      ),
    ),
  )
  const button = h(
    'button',
    { type: 'button', class: 'button button-small', 'aria-label': `Actions for ${user.username}` },
    'Actions',
  )
  button.setAttribute('popovertarget', id)
  list.addEventListener('toggle', event => {
    if (event.newState === 'open') place(list, button)
  })
  return [button, list]
}

/**
 * Below the button, within the window.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function place(list, button) {
  const anchor = button.getBoundingClientRect()
  const { width, height } = list.getBoundingClientRect()
  const below = anchor.bottom + 4 + height < innerHeight
  list.style.top = `${below ? anchor.bottom + 4 : anchor.top - height - 4}px`
  list.style.left = `${Math.max(8, Math.min(anchor.right - width, innerWidth - width - 8))}px`
}
