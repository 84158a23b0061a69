/**
 * The most that each holder may keep so that all of them together keep at most `total`, where whoever holds less than an equal part
 * keeps all of it (max-min fairness). `Infinity` if there is room for everything.
 */
export function equalPart(held: readonly number[], total: number): number {
  let left = total
  for (const [index, amount] of held.toSorted((one, other) => one - other).entries()) {
    const part = Math.floor(left / (held.length - index))
    if (amount > part) return part
    left -= amount
  }
  return Number.POSITIVE_INFINITY
}
