import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of this program: the one with its `package.json`, wherever below it the code runs from. */
export function homeFolder(from = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  return parent === from ? from : homeFolder(parent)
}
