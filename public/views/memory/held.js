/** Samples that are kept: half an hour of one in five seconds. */
const MOST_SAMPLES = 360
/** Streams that can be told apart by their colour; the smaller ones are shown as one. */
const MOST_NAMED = 4

export const OTHERS = 'Others'

/** What each stream has held since somebody looks on, in bytes. */
export class Held {
  /** @type {{time: number, bytes: Map<string, number>}[]} */
  #samples = []

  /**
   * @param {number} time in seconds since the epoch
   * @param {{stream: string, held_bytes: number}[]} streams
   */
  add(time, streams) {
    this.#samples.push({ time, bytes: new Map(streams.map(one => [one.stream, one.held_bytes])) })
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift()
  }

  /**
   * Columns, the largest stream first. `others` has what the streams hold together for which there is no colour.
   *
   * @returns {{time: number[], rows: {stream: string, bytes: number[]}[]}}
   */
  columns() {
    const names = [...this.#totals()].sort(([, a], [, b]) => b - a).map(([name]) => name)
    const named = names.slice(0, MOST_NAMED)
    const rows = named.map(stream => ({
      stream,
      bytes: this.#samples.map(({ bytes }) => bytes.get(stream) ?? 0),
    }))
    if (names.length > named.length)
      rows.push({ stream: OTHERS, bytes: this.#samples.map(({ bytes }) => without(bytes, named)) })
    return { time: this.#samples.map(({ time }) => time), rows }
  }

  #totals() {
    /** @type {Map<string, number>} */
    const totals = new Map()
    for (const { bytes } of this.#samples)
      for (const [name, held] of bytes) totals.set(name, (totals.get(name) ?? 0) + held)
    return totals
  }
}

/**
 * @param {Map<string, number>} bytes
 * @param {string[]} named
 */
function without(bytes, named) {
  let sum = 0
  for (const [name, held] of bytes) if (!named.includes(name)) sum += held
  return sum
}

/**
 * Each row on top of those behind it, so that the first is the sum of all.
 *
 * @param {number[][]} rows
 * @returns {number[][]}
 */
export function stacked(rows) {
  return rows.map((row, i) =>
    row.map((_, at) => rows.slice(i).reduce((sum, each) => sum + (each[at] ?? 0), 0)),
  )
}
