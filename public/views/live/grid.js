const SMALLEST_TILE = 260
const GAP = 8
const ASPECT = 16 / 9

/**
 * How many columns make the tiles largest while all of them are seen at once; where they would be too small for
 * that, as many as fit, and the wall scrolls. A phone held upright gets one column.
 *
 * @param {number} count
 * @param {number} width of the room in CSS pixels
 * @param {number} height of the room
 * @returns {{columns: number, tile: number}} with the width of one tile
 */
export function layOut(count, width, height) {
  if (width < 2 * SMALLEST_TILE + GAP) return { columns: 1, tile: width }
  let best = { columns: 1, tile: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns)
    const byWidth = (width - GAP * (columns - 1)) / columns
    const byHeight = ((height - GAP * (rows - 1)) / rows) * ASPECT
    const tile = Math.floor(Math.min(byWidth, byHeight))
    if (tile > best.tile) best = { columns, tile }
  }
  if (best.tile >= SMALLEST_TILE) return best
  const columns = Math.max(1, Math.floor((width + GAP) / (SMALLEST_TILE + GAP)))
  return { columns, tile: Math.floor((width - GAP * (columns - 1)) / columns) }
}

/**
 * Keeps a grid laid out as its room changes.
 *
 * @param {HTMLElement} grid
 * @param {number} count
 * @param {AbortSignal} signal
 */
export function fitGrid(grid, count, signal) {
  const room = /** @type {HTMLElement} */ (grid.parentElement)
  const fit = () => {
    const style = getComputedStyle(room)
    const width =
      room.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
    const height =
      room.clientHeight - Number.parseFloat(style.paddingTop) - Number.parseFloat(style.paddingBottom)
    const { columns, tile } = layOut(count, width, height)
    grid.style.setProperty('--columns', String(columns))
    grid.style.setProperty('--tile', `${tile}px`)
  }
  const observer = new ResizeObserver(fit)
  observer.observe(room)
  signal.addEventListener('abort', () => observer.disconnect())
  fit()
}
