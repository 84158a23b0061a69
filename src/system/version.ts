import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { homeFolder } from './home.ts'

/** The version of this program. */
export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(homeFolder(), 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
