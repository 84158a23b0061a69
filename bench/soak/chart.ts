import type { SoakReport } from './run.ts'

const WIDTH = 900
const HEIGHT = 320
const EDGE = 40

/** RSS over time as SVG: all readings as a line, those after a clean-up as dots. */
export function chart({ readings, checkpoints, seconds }: SoakReport): string {
  const all = [...readings, ...checkpoints].map(({ rssMb }) => rssMb)
  const low = Math.floor(Math.min(...all) / 10) * 10
  const high = Math.max(low + 10, Math.ceil(Math.max(...all) / 10) * 10)
  const x = (at: number) => (EDGE + (at / seconds) * (WIDTH - 2 * EDGE)).toFixed(1)
  const y = (mb: number) => (HEIGHT - EDGE - ((mb - low) / (high - low)) * (HEIGHT - 2 * EDGE)).toFixed(1)
  const line = readings.map(({ seconds, rssMb }) => `${x(seconds)},${y(rssMb)}`).join(' ')
  const dots = checkpoints.map(
    ({ seconds, rssMb }) => `<circle cx="${x(seconds)}" cy="${y(rssMb)}" r="4" fill="#d33"/>`,
  )
  const grid = Array.from({ length: (high - low) / 10 + 1 }, (_, i) => low + i * 10).map(
    mb =>
      `<line x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${y(mb)}" y2="${y(mb)}" stroke="#ddd"/>` +
      `<text x="4" y="${y(mb)}">${mb} MB</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font="12px sans-serif">`,
    ...grid,
    `<polyline fill="none" stroke="#36c" points="${line}"/>`,
    ...dots,
    `<text x="${EDGE}" y="${HEIGHT - 8}">RSS over ${seconds} s; dots: after a clean-up</text>`,
    '</svg>',
    '',
  ].join('\n')
}
