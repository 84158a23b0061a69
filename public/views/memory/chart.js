import { h } from '../../lib/dom.js'
import { axes, color, HEIGHT, TIME } from './axes.js'

/**
 * @typedef {{time: number[], series: Record<string, {max: number[]}>, marks: {at: number}[]}} History
 */

/**
 * Lines over time, with the marks of the history as dashed verticals and limits as dashed horizontals. What is drawn
 * is the highest value of each interval: a mean would hide the peaks that limits are for.
 *
 * @param {string} title
 * @param {[field: string, label: string, color: string][]} lines
 */
export function chart(title, lines) {
  const room = h('div', { class: 'chart-room' })
  const element = h('figure', { class: 'card chart' }, h('figcaption', null, title), room)
  /** @type {import('/vendor/uplot.js') | undefined} */
  let plot
  /** @type {number[]} */
  let marked = []
  /** @type {number[]} */
  let limits = []
  const observer = new ResizeObserver(() => plot?.setSize({ width: room.clientWidth, height: HEIGHT }))
  observer.observe(room)
  let ended = false

  return {
    element,
    /**
     * @param {History} history
     * @param {(number | null | undefined)[]} [limitValues]
     */
    async show({ time, series, marks }, limitValues = []) {
      marked = marks.map(({ at }) => at / 1000)
      limits = limitValues.filter(value => typeof value === 'number')
      const data = [time, ...lines.map(([field]) => series[field]?.max ?? [])]
      const { default: UPlot } = await import('/vendor/uplot.js')
      if (ended) return
      if (plot) plot.setData(/** @type {any} */ (data))
      else plot = new UPlot(options(), /** @type {any} */ (data), room)
    },
    destroy() {
      ended = true
      observer.disconnect()
      plot?.destroy()
    },
  }

  /** @returns {import('/vendor/uplot.js').Options} */
  function options() {
    return {
      width: room.clientWidth,
      height: HEIGHT,
      scales: {
        x: TIME,
        y: { range: (_plot, _min, max) => [0, Math.max(1, max, ...limits) * 1.08] },
      },
      series: [
        {},
        ...lines.map(([, label, name]) => ({
          label,
          stroke: color(name),
          width: 1.75,
          points: { show: false },
        })),
      ],
      axes: axes(),
      cursor: { points: { size: 6 } },
      hooks: { draw: [annotate] },
    }
  }

  /** @param {import('/vendor/uplot.js')} drawn */
  function annotate({ ctx, bbox, valToPos }) {
    ctx.save()
    ctx.setLineDash([5, 5])
    ctx.strokeStyle = color('--bad')
    for (const limit of limits) line(bbox.left, valToPos(limit, 'y', true), bbox.left + bbox.width, undefined)
    ctx.strokeStyle = color('--warn')
    for (const at of marked) {
      const x = valToPos(at, 'x', true)
      if (x >= bbox.left && x <= bbox.left + bbox.width) line(x, bbox.top, x, bbox.top + bbox.height)
    }
    ctx.restore()

    /**
     * @param {number} x
     * @param {number} y
     * @param {number} toX
     * @param {number | undefined} toY
     */
    function line(x, y, toX, toY) {
      ctx.beginPath()
      ctx.moveTo(x, y)
      ctx.lineTo(toX, toY ?? y)
      ctx.stroke()
    }
  }
}
