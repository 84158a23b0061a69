import type { Checkpoint, SoakReport } from './run.ts'

const WIDTH = 900
const HEIGHT = 320
const EDGE = 48

/** Megabytes over time as SVG: unreclaimable memory, RSS and container as lines, unreclaimable memory after a clean-up as dots. */
export function chart({ readings, checkpoints, seconds }: SoakReport): string {
  const all = [...readings, ...checkpoints].flatMap(({ unreclaimableMb, rssMb, containerMb }) => [
    unreclaimableMb,
    rssMb,
    containerMb ?? rssMb,
  ])
  const low = Math.floor(Math.min(...all) / 10) * 10
  const high = Math.max(low + 10, Math.ceil(Math.max(...all) / 10) * 10)
  const x = (at: number) => (EDGE + (at / seconds) * (WIDTH - 2 * EDGE)).toFixed(1)
  const y = (mb: number) => (HEIGHT - EDGE - ((mb - low) / (high - low)) * (HEIGHT - 2 * EDGE)).toFixed(1)
  const line = (color: string, of: (reading: Checkpoint) => number | undefined) => {
    const points = readings.flatMap(reading => {
      const mb = of(reading)
      return mb === undefined ? [] : [`${x(reading.seconds)},${y(mb)}`]
    })
    return points.length === 0
      ? []
      : [`<polyline fill="none" stroke="${color}" points="${points.join(' ')}"/>`]
  }
  const dots = checkpoints.map(
    ({ seconds, unreclaimableMb }) =>
      `<circle cx="${x(seconds)}" cy="${y(unreclaimableMb)}" r="4" fill="#d33"/>`,
  )
  const grid = Array.from({ length: (high - low) / 10 + 1 }, (_, i) => low + i * 10).map(
    mb =>
      `<line x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${y(mb)}" y2="${y(mb)}" stroke="#ddd"/>` +
      `<text x="4" y="${y(mb)}">${mb} MB</text>`,
  )
  const legend = `${Math.round(seconds)} s; green: unreclaimable, dots: the same after a clean-up, blue: RSS, grey: container`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    ...line('#999', ({ containerMb }) => containerMb),
    ...line('#36c', ({ rssMb }) => rssMb),
    ...line('#293', ({ unreclaimableMb }) => unreclaimableMb),
    ...dots,
    `<text x="${EDGE}" y="${HEIGHT - 12}">${legend}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
