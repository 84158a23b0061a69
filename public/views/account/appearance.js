import { h } from '../../lib/dom.js'

const THEMES = { auto: 'As the device', light: 'Light', dark: 'Dark' }

/** Light, dark, or as the device says. */
export function appearance() {
  const chosen = localStorage.getItem('theme') ?? 'auto'
  return h(
    'fieldset',
    { class: 'section' },
    h('legend', {}, 'Appearance'),
    h(
      'div',
      { class: 'segments' },
      Object.entries(THEMES).map(([value, label]) =>
        h(
          'label',
          { class: 'segment' },
          h('input', {
            type: 'radio',
            name: 'theme',
            value,
            checked: chosen === value,
            onchange: () => choose(value),
          }),
          h('span', null, label),
        ),
      ),
    ),
  )
}

/** @param {string} theme */
function choose(theme) {
  localStorage.setItem('theme', theme)
  dispatchEvent(new Event('theme-chosen'))
}
