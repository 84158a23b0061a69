import { api } from '../../lib/api.js'
import { h } from '../../lib/dom.js'
import { formatMoment } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'

const PAGE = 100

/** What was done, by whom. @type {import('../../app.js').View} */
export function view({ outlet, signal }) {
  /** @type {any[]} */
  const shown = []
  const log = section({
    title: 'Audit log',
    signal,
    load: async () => {
      const before = shown.at(-1)?.id
      const query = before === undefined ? '' : `&before=${before}`
      const { entries, next } = await api(`/api/admin/audit?limit=${PAGE}${query}`, { signal })
      shown.push(...entries)
      return h('div', { class: 'card-stack' }, entriesTable(shown), next !== null && older())
    },
  })

  function older() {
    return h('button', { type: 'button', class: 'button', onclick: log.reload }, 'Older entries')
  }

  outlet.replaceChildren(log.element)
}

/** @param {any[]} entries as the API tells them */
function entriesTable(entries) {
  return table(
    'Audit log',
    [
      { name: 'When', cell: row => formatMoment(row.at) },
      { name: 'Who', cell: row => [row.actor || 'nobody', h('span', { class: 'sub' }, row.ip_address)] },
      { name: 'What', cell: row => said(row.action) },
      { name: 'Whom', cell: row => row.target },
      { name: 'Detail', class: 'clip', cell: row => row.detail },
    ],
    entries,
    'Nothing has happened yet.',
  )
}

/** `user.password_reset` as people read it. @param {string} action */
function said(action) {
  return action.replaceAll(/[._]/g, ' ')
}
