import { formatBytes, formatCount, formatPlural } from '../../lib/format.js'
import { poll } from '../../lib/poll.js'
import { loadStreamStatus } from '../../lib/stream-status.js'

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
      const found = streams.find(stream => stream.name === name)
      if (!found) return 'idle'
      const held = `${formatBytes(found.bytes)} of ${formatBytes(found.limit)}`
      return `${formatPlural(found.viewers, 'viewer')} · ${held} · ${formatCount(found.drops)} dropped`
    })
  })
}
