import { api } from '../../lib/api.js'
import { h } from '../../lib/dom.js'
import { formatDateTime, formatMoment } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'
import { toast } from '../../lib/toast.js'

/** Who tried to get in. @type {import('../../app.js').View} */
export function view({ outlet, signal }) {
  const blocked = section({
    title: 'Blocked addresses',
    signal,
    load: async () => {
      const { blocked_ips } = await api('/api/admin/security/blocked-ips', { signal })
      return table(
        'Blocked addresses',
        [
          { name: 'Address', cell: row => row.ip_address },
          { name: 'Failures', class: 'number', cell: row => row.failed_attempts },
          { name: 'Reason', cell: row => row.reason },
          { name: 'Until', cell: row => formatDateTime(row.blocked_until) },
          { name: '', class: 'actions', cell: row => unblock(row.ip_address) },
        ],
        blocked_ips,
        'No address is blocked.',
      )
    },
  })

  /** @param {string} address */
  function unblock(address) {
    const onclick = async () => {
      try {
        await api('/api/admin/security/unblock-ip', { method: 'POST', body: { ip_address: address } })
        toast(`${address} may try again`)
      } catch (error) {
        toast(error instanceof Error ? error.message : String(error), 'error')
      }
      blocked.reload()
    }
    return h(
      'button',
      { type: 'button', class: 'button button-small', 'aria-label': `Unblock ${address}`, onclick },
      'Unblock',
    )
  }

  const attempts = section({
    title: 'Login attempts of the last day',
    signal,
    load: async () => {
      const { login_attempts } = await api('/api/admin/security/login-attempts', { signal })
      return table(
        'Login attempts',
        [
          { name: 'When', cell: row => formatMoment(row.attempt_time) },
          { name: 'User', cell: row => row.username },
          { name: 'Result', cell: result },
          { name: 'Address', cell: row => [row.ip_address, h('span', { class: 'sub' }, row.location)] },
          { name: 'With', class: 'clip', cell: row => row.user_agent },
        ],
        login_attempts,
        'Nobody has tried to log in.',
      )
    },
  })

  outlet.replaceChildren(blocked.element, attempts.element)
}

/** @param {any} attempt as the API tells it */
function result({ success, blocked }) {
  if (success) return h('span', { class: 'badge badge-ok' }, 'logged in')
  return h('span', { class: 'badge badge-bad' }, blocked ? 'blocked' : 'failed')
}
