import { api } from '../../lib/api.js'
import { h } from '../../lib/dom.js'
import { formatMoment } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'
import { toast } from '../../lib/toast.js'

/**
 * Where one is logged in.
 *
 * @param {AbortSignal} signal
 */
export function sessions(signal) {
  const list = section({
    title: 'Where you are signed in',
    signal,
    load: async () => {
      const answer = await api('/api/auth/sessions', { signal })
      return table(
        'Sessions',
        [
          {
            name: 'Device',
            cell: row => [device(row.user_agent), h('span', { class: 'sub' }, row.ip_address)],
          },
          { name: 'Last seen', cell: row => formatMoment(row.last_seen) },
          { name: 'Ends', cell: row => formatMoment(row.expires_at) },
          {
            name: '',
            class: 'actions',
            cell: row => (row.current ? h('span', { class: 'badge badge-ok' }, 'this one') : end(row.id)),
          },
        ],
        answer.sessions,
        'Nowhere else.',
      )
    },
  })

  /** @param {string} id */
  function end(id) {
    const onclick = async () => {
      await api(`/api/auth/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(error =>
        toast(error.message, 'error'),
      )
      list.reload()
    }
    return h('button', { type: 'button', class: 'button button-small', onclick }, 'Sign out')
  }

  return list.element
}

/**
 * A user agent in two words: enough to know one's own devices apart.
 *
 * @param {string | null} agent
 */
function device(agent) {
  if (!agent) return 'Unknown device'
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : (agent.match(/Firefox|Chrome|Safari|curl|okhttp/)?.[0] ?? agent.split(/[ /]/)[0])
  const system = agent.match(/iPhone|iPad|Android|Windows|Mac OS|CrOS|Linux/)?.[0]?.replace('Mac OS', 'Mac')
  return system ? `${browser} on ${system}` : browser
}
