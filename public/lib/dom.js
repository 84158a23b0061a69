/** @typedef {Node | string | number | false | null | undefined} Child */

/**
 * Makes an element. Properties that the element has are set as such (`onclick`, `value`), `class`, `aria-…`, `data-…`
 * and the like become attributes; `false`, `null` and `undefined` leave a property or child out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown> | null} [props]
 * @param {(Child | Child[])[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue
    if (name in element && name !== 'list' && name !== 'role') Reflect.set(element, name, value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== false)
      element.append(child instanceof Node ? child : String(child))
  }
  if (props?.class) element.className = String(props.class)
  return element
}

/**
 * A symbol of `icons.svg`. It says nothing to a screen reader: the control around it carries the label.
 *
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `/icons.svg#${name}`)
  svg.append(use)
  return svg
}

/**
 * A round button that shows a symbol; the label is its name and its tooltip.
 *
 * @param {string} symbol
 * @param {string} label
 * @param {() => void} onclick
 */
export function iconButton(symbol, label, onclick) {
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick },
    icon(symbol),
  )
}

/**
 * Loads a stylesheet that only some views need, once; resolves when it is there.
 *
 * @param {string} href
 * @returns {Promise<void>}
 */
export function loadStyle(href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve()
  return new Promise(resolve => {
    document.head.append(
      h('link', { rel: 'stylesheet', href, onload: () => resolve(), onerror: () => resolve() }),
    )
  })
}
