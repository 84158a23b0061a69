import { digits } from './figure.ts'

export interface Plot {
  /** The name of its file, without `.svg`. */
  readonly name: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number])[]
  }[]
}

const WIDTH = 720
const HEIGHT = 360
const LEFT = 56
const RIGHT = 190
const TOP = 36
const BOTTOM = 48
const COLOURS = ['#0b6e4f', '#58b368', '#c8553d', '#33415c', '#7b2d8b']

/** A line for each of several, with its points, as SVG that is readable on white and on black. */
export function drawPlot({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap(line => line.points)
  const xs = [...new Set(points.map(([at]) => at))].sort((a, b) => a - b)
  const [first, last] = [xs[0] ?? 0, xs.at(-1) ?? 1]
  const top = niceTop(Math.max(0, ...points.map(([, value]) => value)))
  const left = (at: number) => round(LEFT + ((at - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT))
  const height = (value: number) => round(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM))
  const steps = [0, 0.25, 0.5, 0.75, 1].map(share => share * top)
  const bottom = HEIGHT - BOTTOM
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 20, title, 'font-weight="bold"'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x, 'text-anchor="middle"'),
    text(-(TOP + bottom) / 2, 14, y, 'text-anchor="middle" transform="rotate(-90)"'),
    ...steps.flatMap(value => [
      `<path d="M${LEFT} ${height(value)}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      text(LEFT - 6, height(value) + 4, digits(value), 'text-anchor="end"'),
    ]),
    ...xs.map(at => text(left(at), bottom + 18, String(at), 'text-anchor="middle"')),
    ...lines.flatMap(({ name, points: of }, index) => {
      const colour = COLOURS[index % COLOURS.length]
      const path = of.map(([at, value]) => `${left(at)},${height(value)}`).join(' ')
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...of.map(([at, value]) => `<circle cx="${left(at)}" cy="${height(value)}" r="3" fill="${colour}"/>`),
        text(WIDTH - RIGHT + 14, TOP + 12 + index * 20, name, `fill="${colour}"`),
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

/** The next of 1, 2, 4, 5, 8, 10 … that is not below. */
function niceTop(value: number): number {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 5, 8, 10].map(step => step * unit).find(step => step >= value)!
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
