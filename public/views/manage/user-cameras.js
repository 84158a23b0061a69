import { api } from '../../lib/api.js'
import { ask } from '../../lib/dialog.js'
import { h } from '../../lib/dom.js'
import { toast } from '../../lib/toast.js'

/**
 * Which cameras a user sees: all, or a chosen few.
 *
 * @param {import('./users.js').User} user
 */
export async function chooseCameras(user) {
  const path = `/api/admin/users/${user.id}/cameras`
  /** @type {{mode: string, cameras?: string[]}} */
  let access
  /** @type {{id: string, name: string}[]} */
  let cameras
  try {
    ;[access, { cameras }] = await Promise.all([api(path), api('/api/cameras')])
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'error')
    return
  }

  const chosen = new Set(access.cameras ?? [])
  /** @type {{id: string, name: string}[]} */
  const known = [...cameras]
  for (const id of chosen) {
    if (!known.some(camera => camera.id === id)) known.push({ id, name: `${id} (not there now)` })
  }
  const boxes = known.map(({ id, name }) => {
    const input = h('input', {
      type: 'checkbox',
      value: id,
      checked: access.mode === 'all' || chosen.has(id),
    })
    return { input, row: h('label', { class: 'check' }, input, name) }
  })
  const list = h(
    'fieldset',
    { class: 'choices' },
    h('legend', { class: 'visually-hidden' }, 'Cameras'),
    boxes.map(({ row }) => row),
  )
  const all = mode('all', 'All cameras, also those added later')
  const custom = mode('custom', 'Only these')
  update()

  ask({
    title: `Cameras of ${user.username}`,
    body: [all.row, custom.row, list],
    action: 'Save',
    submit: async () => {
      const body = custom.input.checked
        ? {
            mode: 'custom',
            cameras: boxes.filter(({ input }) => input.checked).map(({ input }) => input.value),
          }
        : { mode: 'all', cameras: [] }
      await api(path, { method: 'PUT', body })
      toast('Saved. What is no longer allowed has ended.')
    },
  })

  /**
   * @param {string} value
   * @param {string} label
   */
  function mode(value, label) {
    const input = h('input', {
      type: 'radio',
      name: 'mode',
      value,
      checked: access.mode === value,
      onchange: update,
    })
    return { input, row: h('label', { class: 'check' }, input, label) }
  }

  function update() {
    list.disabled = all?.input.checked ?? false
  }
}
