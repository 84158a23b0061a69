import { mediaUrl } from '../../lib/api.js'

/**
 * Events as they begin, change and end, for as long as the signal stands. The browser connects again by itself.
 *
 * @param {AbortSignal} signal
 * @param {(event: import('../events.js').FrigateEvent) => void} arrived
 */
export function arrivals(signal, arrived) {
  const source = new EventSource(mediaUrl('/api/events/stream'))
  for (const change of ['new', 'update', 'end'])
    source.addEventListener(change, ({ data }) => arrived(JSON.parse(data)))
  signal.addEventListener('abort', () => source.close())
}
