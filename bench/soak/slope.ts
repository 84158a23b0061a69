export interface Point {
  readonly x: number
  readonly y: number
}

/** The slope of the straight line through the points with the least squares; 0 for fewer than two. */
export function slope(points: readonly Point[]): number {
  const n = points.length
  if (n < 2) return 0
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n
  let above = 0
  let below = 0
  for (const { x, y } of points) {
    above += (x - meanX) * (y - meanY)
    below += (x - meanX) ** 2
  }
  return below === 0 ? 0 : above / below
}
