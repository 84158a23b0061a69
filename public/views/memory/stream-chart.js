import { h } from '../../lib/dom.js'
import { formatBytes } from '../../lib/format.js'
import { axes, color, HEIGHT, TIME } from './axes.js'
import { Held, stacked } from './held.js'

const COLORS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5']
const MIB = 1024 ** 2

/** What each stream holds of the byte budget, one on top of the other, from now on. */
export function streamChart() {
  const room = h('div', { class: 'chart-room' })
  const element = h(
    'figure',
    { class: 'card chart' },
    h('figcaption', null, 'Live video by stream in MiB'),
    room,
  )
  const held = new Held()
  /** @type {import('/vendor/uplot.js') | undefined} */
  let plot
  let drawn = ''
  /** @type {number[][]} what each has by itself, in the order of the lines */
  let own = []
  const observer = new ResizeObserver(() => plot?.setSize({ width: room.clientWidth, height: HEIGHT }))
  observer.observe(room)
  let ended = false

  return {
    element,
    /**
     * @param {number} time in seconds since the epoch
     * @param {{stream: string, held_bytes: number}[]} streams
     */
    async add(time, streams) {
      held.add(time, streams)
      const { time: times, rows } = held.columns()
      own = rows.map(({ bytes }) => bytes)
      const data = [times, ...stacked(own).map(row => row.map(bytes => bytes / MIB))]
      const names = rows.map(({ stream }) => stream)
      const { default: UPlot } = await import('/vendor/uplot.js')
      if (ended) return
      if (plot && drawn === names.join('/')) {
        plot.setData(/** @type {any} */ (data))
        return
      }
      plot?.destroy()
      drawn = names.join('/')
      plot = new UPlot(options(names), /** @type {any} */ (data), room)
    },
    destroy() {
      ended = true
      observer.disconnect()
      plot?.destroy()
    },
  }

  /**
   * @param {string[]} names
   * @returns {import('/vendor/uplot.js').Options}
   */
  function options(names) {
    return {
      width: room.clientWidth,
      height: HEIGHT,
      scales: { x: TIME, y: { range: (_plot, _min, max) => [0, Math.max(0.1, max) * 1.08] } },
      series: [
        {},
        ...names.map((label, i) => ({
          label,
          stroke: color(COLORS[i] ?? '--muted'),
          fill: `color-mix(in srgb, ${color(COLORS[i] ?? '--muted')} 45%, ${color('--surface')})`,
          width: 1.25,
          points: { show: false },
          /** @type {import('/vendor/uplot.js').Series.Value} */
          value: (_plot, _sum, _series, at) => formatBytes(own[i]?.[at ?? (own[i]?.length ?? 0) - 1] ?? 0),
        })),
      ],
      axes: axes(),
      cursor: { points: { size: 6 } },
    }
  }
}
