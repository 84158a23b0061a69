import { api } from '../../lib/api.js'
import { h, loadStyle } from '../../lib/dom.js'
import { formatBytes, formatCount, formatDuration, formatMoment } from '../../lib/format.js'
import { meter } from '../../lib/meter.js'
import { poll } from '../../lib/poll.js'
import { table } from '../../lib/section.js'
import { total } from '../../lib/total.js'
import { chart } from '../memory/chart.js'
import { streamChart } from '../memory/stream-chart.js'

const RANGES = { '1h': 'Hour', '24h': 'Day', '30d': 'Month' }

/** Seconds between two looks at the server: its own sampling is slower. */
const EVERY = 15
/** What streams hold changes with every keyframe. */
const STREAMS_EVERY = 5

/** Where the memory goes, now and over time. @type {import('../../app.js').View} */
export async function view({ outlet, signal }) {
  await Promise.all([loadStyle('/vendor/uplot.css'), loadStyle('/styles/memory.css')])
  let range = '1h'
  const totals = h('dl', { class: 'totals' })
  const error = h('p', { class: 'form-error', role: 'alert' })
  const streams = h('div')
  const marks = h('div')
  const charts = {
    memory: chart('Memory in MB', [
      ['unreclaimable_mb', 'Unreclaimable', '--chart-1'],
      ['rss_mb', 'Resident', '--chart-2'],
      ['swap_mb', 'Swap', '--chart-3'],
      ['heap_mb', 'Heap', '--chart-4'],
      ['live_mb', 'Live video', '--chart-5'],
    ]),
    viewers: chart('Viewers and streams', [
      ['viewers', 'Viewers', '--chart-1'],
      ['streams', 'Streams', '--chart-2'],
    ]),
    loop: chart('Event-loop delay in ms, 99th percentile', [['loop_p99_ms', 'Delay', '--chart-1']]),
  }
  const byStream = streamChart()
  signal.addEventListener('abort', () => {
    for (const drawn of [...Object.values(charts), byStream]) drawn.destroy()
  })

  outlet.replaceChildren(
    h('div', { class: 'card-head' }, h('h2', null, 'Memory'), segments()),
    error,
    totals,
    charts.memory.element,
    byStream.element,
    streams,
    charts.viewers.element,
    charts.loop.element,
    marks,
  )
  poll(EVERY, signal, load)
  poll(STREAMS_EVERY, signal, loadStreams)

  async function load() {
    try {
      const [now, history] = await Promise.all([
        api('/api/debug/memory', { signal }),
        api(`/api/debug/memory/history?range=${range}`, { signal }),
      ])
      if (signal.aborted) return
      error.textContent = ''
      totals.replaceChildren(...totalsOf(now))
      charts.memory.show(history, [now.thresholds.unreclaimable_mb, now.container?.limit_mb])
      charts.viewers.show(history)
      charts.loop.show(history)
      marks.replaceChildren(marksTable(history.marks))
    } catch (problem) {
      if (!signal.aborted) error.textContent = problem instanceof Error ? problem.message : String(problem)
    }
  }

  async function loadStreams() {
    const { budget } = await api('/api/debug/memory', { signal })
    if (signal.aborted) return
    streams.replaceChildren(streamsTable(budget))
    await byStream.add(Date.now() / 1000, budget.streams)
  }

  function segments() {
    const options = Object.entries(RANGES).map(([value, label]) => {
      const onchange = () => {
        range = value
        load()
      }
      const input = h('input', { type: 'radio', name: 'range', value, checked: value === range, onchange })
      return h('label', { class: 'segment' }, input, h('span', null, label))
    })
    return h('div', { class: 'segments', role: 'group', 'aria-label': 'Time' }, options)
  }
}

/** @param {any} now as the API tells it */
function totalsOf({ memory, container, heap, thresholds, watchdog }) {
  const limit = container?.limit_mb ?? thresholds.unreclaimable_mb
  return [
    total(
      'Unreclaimable',
      `${memory.unreclaimable_mb} MB`,
      `of ${limit} MB`,
      memory.unreclaimable_mb / limit,
    ),
    total('Resident', `${memory.rss_mb} MB`),
    total('Swap', `${memory.swap_mb} MB`),
    container && total('Container', `${container.usage_mb} MB`),
    heap && total('Heap', `${heap.used_mb} MB`, `of ${heap.total_mb} MB`),
    total('Up', formatDuration(memory.uptime_hours * 3600)),
    watchdog?.stage && total('Watchdog', watchdog.stage),
  ].filter(item => item instanceof Node)
}

/** @param {{limit_bytes: number, streams: {stream: string, viewers: number, held_bytes: number}[]}} budget */
function streamsTable({ limit_bytes, streams }) {
  return table(
    'Live video by stream',
    [
      { name: 'Stream', cell: ({ stream }) => stream },
      { name: 'Viewers', class: 'number', cell: ({ viewers }) => formatCount(viewers) },
      {
        name: `Held of ${formatBytes(limit_bytes)}`,
        class: 'held',
        cell: ({ stream, held_bytes }) => [
          h('span', null, formatBytes(held_bytes)),
          meter(held_bytes / limit_bytes, `Held by ${stream}`),
        ],
      },
    ],
    streams.toSorted((a, b) => b.held_bytes - a.held_bytes),
    'No stream is running.',
  )
}

/** @param {{at: number, what: string}[]} marks */
function marksTable(marks) {
  return table(
    'Restarts and actions of the watchdog',
    [
      { name: 'When', cell: mark => formatMoment(mark.at / 1000) },
      { name: 'What', cell: mark => mark.what },
    ],
    marks.toReversed(),
    'Neither a restart nor an action of the watchdog in this time.',
  )
}
