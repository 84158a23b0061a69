import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version of this program, from the package that it runs in: beside `src/`, or above `dist/`. */
export function ownVersion(from = import.meta.dirname): string {
  const file = join(from, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  const parent = dirname(from)
  return parent === from ? 'unknown' : ownVersion(parent)
}
