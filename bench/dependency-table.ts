export interface Figures {
  /** As in the first column. */
  readonly name: string
  readonly rssMb: number
  readonly anonMb: number
}

/** One decimal; what is less than noise is 0. */
export function megabytes(mb: number): string {
  return Math.abs(mb) < 0.05 ? '0' : mb.toFixed(1)
}

/** The page with the last two columns of its table written anew. Throws an `Error` where a row is missing. */
export function withFigures(page: string, figures: readonly Figures[]): string {
  const lines = page.split('\n')
  for (const { name, rssMb, anonMb } of figures) {
    const at = lines.findIndex(line => line.startsWith(`| ${name} |`))
    if (at < 0) throw new Error(`docs/dependencies.md has no row for ${name}`)
    const [, first, why] = lines[at]!.split('|')
    lines[at] = `|${first}|${why}| ${megabytes(rssMb)} | ${megabytes(anonMb)} |`
  }
  return lines.join('\n')
}
