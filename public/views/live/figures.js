import { formatBytes, formatCount, formatPlural } from '../../lib/format.js'
import { poll } from '../../lib/poll.js'
import { loadStreamStatus, sumOf } from '../../lib/stream-status.js'

/**
 * Reads the status every two seconds and hands on a function that gives one stream's figures as a line.
 *
 * @param {AbortSignal} signal
 * @param {(line: (stream: string) => string) => void} show
 */
export function figuresOf(signal, show) {
  poll(2, signal, async () => {
    const { streams } = await loadStreamStatus(signal)
    show(name => {
      const { running, viewers, held, limit, dropped } = sumOf(streams, name)
      if (!running) return 'not running'
      const memory = `${formatBytes(held)} of ${formatBytes(limit)}`
      return `${formatPlural(viewers, 'viewer')} · ${memory} · ${formatCount(dropped)} dropped`
    })
  })
}
