import { api } from '../../lib/api.js'
import { ask, checkbox, field, PASSWORD_HINT } from '../../lib/dialog.js'
import { session } from '../../lib/session.js'
import { toast } from '../../lib/toast.js'

export function changePassword() {
  const current = field('Current password', { type: 'password', autocomplete: 'current-password' })
  const next = field('New password', { type: 'password', autocomplete: 'new-password' }, PASSWORD_HINT)
  const confirm = field('New password again', { type: 'password', autocomplete: 'new-password' })
  const tokens = checkbox('End my player tokens too')
  ask({
    title: 'Change password',
    body: [current.row, next.row, confirm.row, tokens.row],
    action: 'Change',
    submit: async () => {
      await api('/api/auth/change-password', {
        method: 'POST',
        body: {
          current_password: current.input.value,
          new_password: next.input.value,
          confirm_password: confirm.input.value,
          end_player_tokens: tokens.input.checked,
        },
      })
      toast('Password changed. Your other sessions have ended.')
    },
  })
}

/** @param {(username: string) => void} changed */
export function changeUsername(changed) {
  const next = field(
    'New username',
    { autocomplete: 'username', maxLength: 32 },
    '3 to 32 letters, digits, _ or -',
  )
  ask({
    title: 'Change username',
    body: [next.row],
    action: 'Change',
    submit: async () => {
      const { username } = await api('/api/auth/change-username', {
        method: 'POST',
        body: {
          current_username: session.user?.username,
          new_username: next.input.value,
          confirm_username: next.input.value,
        },
      })
      session.update({ username })
      changed(username)
      toast(`You are ${username} now`)
    },
  })
}
