import { api } from '../../lib/api.js'
import { formatMoment } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'

/** What was done, by whom. @type {import('../../app.js').View} */
export function view({ outlet, signal }) {
  const log = section({
    title: 'Audit log',
    signal,
    load: async () => {
      const { entries } = await api('/api/admin/audit?limit=100', { signal })
      return table(
        'Audit log',
        [
          { name: 'When', cell: row => formatMoment(row.time) },
          { name: 'Who', cell: row => row.actor },
          { name: 'What', cell: row => row.action },
          { name: 'Whom', cell: row => row.target },
          { name: 'Detail', class: 'clip', cell: row => row.detail },
          { name: 'Address', cell: row => row.address },
        ],
        entries,
        'Nothing has happened yet.',
      )
    },
  })
  outlet.replaceChildren(log.element)
}
