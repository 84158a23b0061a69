import { h, icon, iconButton } from '../../lib/dom.js'
import { liveVideo } from '../../player/element.js'
import { figuresOf } from './figures.js'
import { fitGrid } from './grid.js'

/** @typedef {import('../../lib/cameras.js').Camera} Camera */

const SHOW_FIGURES = 'wall-figures'

/**
 * Every camera at once, as large as the window allows.
 *
 * @param {HTMLElement} outlet
 * @param {AbortSignal} signal
 * @param {Camera[]} cameras
 */
export function wall(outlet, signal, cameras) {
  outlet.classList.add('main-wall')
  if (cameras.length === 0) {
    outlet.replaceChildren(noCameras())
    return
  }

  const tiles = cameras.map(tile)
  const grid = h('ul', { class: 'wall', 'aria-label': 'Cameras' }, tiles)
  const toggle = iconButton('figures', 'Show figures', () => {
    showFigures(localStorage.getItem(SHOW_FIGURES) !== '1')
  })

  /** @param {boolean} on */
  function showFigures(on) {
    localStorage.setItem(SHOW_FIGURES, on ? '1' : '0')
    grid.classList.toggle('wall-with-figures', on)
    toggle.setAttribute('aria-pressed', String(on))
  }

  outlet.replaceChildren(
    h('h1', { class: 'visually-hidden' }, 'Live'),
    grid,
    h('div', { class: 'wall-tools' }, toggle),
  )
  showFigures(localStorage.getItem(SHOW_FIGURES) === '1')
  fitGrid(grid, cameras.length, signal)
  figuresOf(signal, status => {
    for (const [index, camera] of cameras.entries()) {
      const figures = tiles[index]?.querySelector('.tile-figures')
      if (figures) figures.textContent = status(camera.stream)
    }
  })
  grid.addEventListener('keydown', event => moveFocus(event, tiles), { signal })
}

/** @param {Camera} camera */
function tile(camera) {
  return h(
    'li',
    { class: 'tile' },
    liveVideo(camera),
    h(
      'a',
      { class: 'tile-link', href: `#/live/${encodeURIComponent(camera.id)}` },
      h('span', { class: 'tile-name' }, h('span', { class: 'tile-dot' }), camera.name),
      h('span', { class: 'tile-figures' }),
    ),
  )
}

/**
 * The arrow keys go from tile to tile.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} tiles
 */
function moveFocus(event, tiles) {
  const here = tiles.findIndex(item => item.contains(document.activeElement))
  const columns = Number(
    getComputedStyle(/** @type {Element} */ (tiles[0]?.parentElement)).getPropertyValue('--columns'),
  )
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key]
  if (step === undefined || here === -1) return
  event.preventDefault()
  tiles[here + step]?.querySelector('a')?.focus()
}

function noCameras() {
  return h(
    'section',
    { class: 'empty' },
    icon('live'),
    h('h1', null, 'No cameras yet'),
    h('p', null, 'Streams that go2rtc lists, or the cameras of Frigate, appear here by themselves.'),
  )
}
