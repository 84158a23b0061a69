import { h } from './dom.js'

/**
 * One question to the person, in front of everything else, that ends with Escape, with its buttons, or when
 * `submit` has done its work. What `submit` throws is shown and the dialog stays.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {(Node | string)[]} options.body fields, or a sentence
 * @param {string} options.action what the button says that does it
 * @param {boolean} [options.danger]
 * @param {() => Promise<void>} options.submit
 */
export function ask({ title, body, action, danger = false, submit }) {
  const error = h('p', { class: 'form-error', role: 'alert' })
  const button = h(
    'button',
    { type: 'submit', class: danger ? 'button button-bad' : 'button button-primary' },
    action,
  )
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' })

  /** @param {SubmitEvent} event */
  async function onsubmit(event) {
    event.preventDefault()
    error.textContent = ''
    button.disabled = true
    try {
      await submit()
      dialog.close()
    } catch (problem) {
      error.textContent = problem instanceof Error ? problem.message : String(problem)
    } finally {
      button.disabled = false
    }
  }

  dialog.append(
    h(
      'form',
      { class: 'dialog-form', onsubmit },
      h('h2', { id: 'dialog-title' }, title),
      ...body,
      error,
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, 'Cancel'),
        button,
      ),
    ),
  )
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

let fields = 0

/**
 * A labelled input.
 *
 * @param {string} label
 * @param {Record<string, unknown>} props of the input
 * @param {string} [hint]
 */
export function field(label, props, hint) {
  const id = `field-${++fields}`
  const input = h('input', { id, required: true, ...props })
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`)
  const row = h(
    'div',
    { class: 'field' },
    h('label', { htmlFor: id }, label),
    input,
    hint && h('span', { id: `${id}-hint`, class: 'hint' }, hint),
  )
  return { row, input }
}

/**
 * A labelled checkbox.
 *
 * @param {string} label
 * @param {Record<string, unknown>} [props]
 */
export function checkbox(label, props) {
  const input = h('input', { type: 'checkbox', ...props })
  return { row: h('label', { class: 'check' }, input, label), input }
}

export const PASSWORD_HINT =
  'At least 8 characters, with an upper-case and a lower-case letter, a digit and a symbol.'
