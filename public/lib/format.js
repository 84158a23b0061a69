const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${whole.format(bytes)} B`
  if (bytes < 1024 * 1000) return `${whole.format(bytes / 1024)} KiB`
  return `${numbers.format(bytes / 1024 ** 2)} MiB`
}

/** @param {number} count */
export function formatCount(count) {
  return whole.format(count)
}

/** "3 viewers", "1 viewer"
 * @param {number} count
 * @param {string} noun
 */
export function formatPlural(count, noun) {
  return `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** "42 s", "3 min", "5 h 12 min", "4 d 3 h"
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`
}

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const timeOnly = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const dayOnly = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })

/**
 * A time from the server: epoch seconds, ISO text, or the database's UTC text `YYYY-MM-DD HH:MM:SS`.
 *
 * @param {string | number | null | undefined} value
 * @returns {Date | undefined}
 */
export function parseTime(value) {
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value === 'number') return new Date(value * 1000)
  const date = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value.replace(' ', 'T')}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** @param {string | number | null | undefined} value */
export function formatDateTime(value) {
  const date = parseTime(value)
  return date ? dateTime.format(date) : 'never'
}

/** Today only the time, before that the day too.
 * @param {string | number} value
 */
export function formatMoment(value) {
  const date = parseTime(value)
  if (!date) return ''
  const today = new Date().toDateString() === date.toDateString()
  return today ? timeOnly.format(date) : `${dayOnly.format(date)}, ${timeOnly.format(date)}`
}
