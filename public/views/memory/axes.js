export const HEIGHT = 220
/** After a start there is one moment only: an axis of no length would show years. */
const LEAST_SECONDS = 60

/** @param {string} name of a custom property */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** The scale of time. @type {import('/vendor/uplot.js').Scale} */
export const TIME = { range: (_plot, min, max) => [Math.min(min, max - LEAST_SECONDS), max] }

/** Time, and what is measured, in the colours of the theme. @returns {import('/vendor/uplot.js').Axis[]} */
export function axes() {
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  return [axis, { ...axis, size: 44 }]
}
