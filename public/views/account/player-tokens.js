import { api } from '../../lib/api.js'
import { ask, field } from '../../lib/dialog.js'
import { h, icon } from '../../lib/dom.js'
import { formatDateTime } from '../../lib/format.js'
import { section, table } from '../../lib/section.js'
import { toast } from '../../lib/toast.js'

/**
 * Long-lived tokens for wall tablets and dashboards.
 *
 * @param {AbortSignal} signal
 */
export function playerTokens(signal) {
  const add = h(
    'button',
    { type: 'button', class: 'button button-small', onclick: create },
    icon('plus'),
    'New token',
  )
  const list = section({
    title: 'Player tokens',
    tools: add,
    signal,
    load: async () => {
      const answer = await api('/api/auth/player-tokens', { signal })
      return table(
        'Player tokens',
        [
          { name: 'Name', cell: row => [row.name, h('span', { class: 'sub' }, row.cameras.join(', '))] },
          { name: 'Last used', cell: row => formatDateTime(row.last_used) },
          { name: '', class: 'actions', cell: row => end(row) },
        ],
        answer.player_tokens,
        'None. A player token lets a tablet or a dashboard show chosen cameras without a login.',
      )
    },
  })

  /** @param {{id: string, name: string}} token */
  function end({ id, name }) {
    const onclick = () =>
      ask({
        title: `End the token ${name}?`,
        body: ['Whatever plays with it stops.'],
        action: 'End',
        danger: true,
        submit: async () => {
          await api(`/api/auth/player-tokens/${encodeURIComponent(id)}`, { method: 'DELETE' })
          list.reload()
        },
      })
    return h('button', { type: 'button', class: 'button button-small', onclick }, 'End')
  }

  async function create() {
    /** @type {{cameras: {id: string, name: string}[]}} */
    const { cameras } = await api('/api/cameras', { signal }).catch(() => ({ cameras: [] }))
    const name = field('Name', { maxLength: 64, placeholder: 'Kitchen tablet' })
    const boxes = cameras.map(camera => {
      const input = h('input', { type: 'checkbox', value: camera.id })
      return { input, row: h('label', { class: 'check' }, input, camera.name) }
    })
    ask({
      title: 'New player token',
      body: [
        name.row,
        h(
          'fieldset',
          { class: 'choices' },
          h('legend', {}, 'Cameras'),
          boxes.map(({ row }) => row),
        ),
      ],
      action: 'Create',
      submit: async () => {
        const chosen = boxes.filter(({ input }) => input.checked).map(({ input }) => input.value)
        const body = { name: name.input.value, cameras: chosen }
        const { token } = await api('/api/auth/player-tokens', { method: 'POST', body })
        show(token)
        list.reload()
      },
    })
  }

  return list.element
}

/** The one time that a token can be read. @param {string} token */
function show(token) {
  const shown = field(
    'Token',
    { value: token, readOnly: true },
    'Put it into the address of the player as ?token=…',
  )
  ask({
    title: 'Copy it now: it is not shown again',
    body: [shown.row],
    action: 'Copy',
    submit: async () => {
      shown.input.select()
      await navigator.clipboard.writeText(token)
      toast('Copied')
    },
  })
}
