import { api } from '../../lib/api.js'
import { ask, checkbox, field, PASSWORD_HINT } from '../../lib/dialog.js'
import { toast } from '../../lib/toast.js'

/** @typedef {import('./users.js').User} User */

/** @param {() => void} changed */
export function createUser(changed) {
  const name = field('Username', { autocomplete: 'off', maxLength: 32 }, '3 to 32 letters, digits, _ or -')
  const password = field('Password', { type: 'password', autocomplete: 'new-password' }, PASSWORD_HINT)
  const admin = checkbox('Administrator')
  ask({
    title: 'New user',
    body: [name.row, password.row, admin.row],
    action: 'Create',
    submit: async () => {
      await api('/api/admin/users', {
        method: 'POST',
        body: { username: name.input.value, password: password.input.value, is_admin: admin.input.checked },
      })
      toast(`${name.input.value} can log in now`)
      changed()
    },
  })
}

/** @param {User} user */
export function resetPassword(user) {
  const password = field('New password', { type: 'password', autocomplete: 'new-password' }, PASSWORD_HINT)
  const tokens = checkbox('End the player tokens too', { checked: true })
  ask({
    title: `Reset the password of ${user.username}`,
    body: ['Every session of this user ends.', password.row, tokens.row],
    action: 'Reset',
    submit: async () => {
      await api(`/api/admin/users/${user.id}/password`, {
        method: 'POST',
        body: { new_password: password.input.value, end_player_tokens: tokens.input.checked },
      })
      toast(`${user.username} has a new password`)
    },
  })
}

/**
 * @param {User} user
 * @param {() => void} changed
 */
export function deleteUser(user, changed) {
  ask({
    title: `Delete ${user.username}?`,
    body: ['What this user watches ends at once. This cannot be undone.'],
    action: 'Delete',
    danger: true,
    submit: async () => {
      await api(`/api/admin/users/${user.id}`, { method: 'DELETE' })
      toast(`${user.username} is deleted`)
      changed()
    },
  })
}

/**
 * @param {User} user
 * @param {() => void} changed
 */
export function setActive(user, changed) {
  const body = { is_active: !user.is_active }
  change(api(`/api/admin/users/${user.id}/active`, { method: 'POST', body }), changed)
}

/**
 * @param {User} user
 * @param {() => void} changed
 */
export function setAdmin(user, changed) {
  ask({
    title: user.is_admin ? `Make ${user.username} a viewer?` : `Make ${user.username} an administrator?`,
    body: [
      user.is_admin
        ? 'They can no longer manage users, addresses and settings.'
        : 'Administrators manage users, addresses and settings.',
    ],
    action: user.is_admin ? 'Make viewer' : 'Make administrator',
    submit: async () => {
      await api(`/api/admin/users/${user.id}`, { method: 'PATCH', body: { is_admin: !user.is_admin } })
      changed()
    },
  })
}

/**
 * @param {Promise<unknown>} request
 * @param {() => void} changed
 */
async function change(request, changed) {
  try {
    await request
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'error')
  }
  changed()
}
