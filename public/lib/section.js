import { h } from './dom.js'

/**
 * A card that loads its content, says so when it cannot, and can load it again.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {Node | false | undefined} [options.tools] beside the title
 * @param {AbortSignal} options.signal
 * @param {() => Promise<Node>} options.load
 */
export function section({ title, tools, signal, load }) {
  const body = h('div', { class: 'section-body' })
  const reload = async () => {
    try {
      const content = await load()
      if (!signal.aborted) body.replaceChildren(content)
    } catch (error) {
      if (signal.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      body.replaceChildren(h('p', { class: 'form-error section-note', role: 'alert' }, message))
    }
  }
  const element = h(
    'section',
    { class: 'section' },
    h('div', { class: 'card-head' }, h('h2', null, title), tools),
    body,
  )
  reload()
  return { element, reload }
}

/**
 * A table that becomes a list of cards on a phone.
 *
 * @template T
 * @param {string} caption
 * @param {{name: string, cell: (row: T) => import('./dom.js').Child | import('./dom.js').Child[], class?: string}[]} columns
 * @param {T[]} rows
 * @param {string} none what to say where there are no rows
 */
export function table(caption, columns, rows, none) {
  if (rows.length === 0) return h('p', { class: 'card muted section-note' }, none)
  return h(
    'div',
    { class: 'card table-card' },
    h(
      'table',
      { class: 'table table-cards' },
      h('caption', { class: 'visually-hidden' }, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(({ name }) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row =>
          h(
            'tr',
            null,
            columns.map((column, index) => {
              const content = [column.cell(row)].flat()
              if (index === 0) return h('th', { scope: 'row' }, content)
              return h('td', { class: column.class, 'data-label': column.name || undefined }, content)
            }),
          ),
        ),
      ),
    ),
  )
}
