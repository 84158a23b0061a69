/**
 * The known name that somebody who wrote `name` probably meant: the same but for case and separators, or with one word
 * misspelt. Docker and Kubernetes set names such as `FRIGATE_PORT` beside ours, so a whole other word is not a spelling.
 */
export function nearName(name: string, known: Iterable<string>): string | undefined {
  const words = wordsOf(name)
  for (const candidate of known) if (isNear(words, wordsOf(candidate))) return candidate
  return undefined
}

function wordsOf(name: string): string[] {
  return name.toUpperCase().split(/[_.-]+/)
}

function isNear(words: readonly string[], others: readonly string[]): boolean {
  if (words.join('') === others.join('')) return true
  if (words.length !== others.length) return false
  const different = words.flatMap((word, index) => (word === others[index] ? [] : [[word, others[index]!]]))
  const [pair] = different
  if (pair === undefined || different.length > 1) return false
  const [one, other] = pair as [string, string]
  return distance(one, other) <= allowedEdits(Math.max(one.length, other.length))
}

function allowedEdits(length: number): number {
  if (length < 5) return 1
  return length < 7 ? 2 : 3
}

/** Letters added, left out, replaced, or exchanged with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= other.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced))
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
    }
  }
  return rows[one.length]![other.length]!
}
