import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileAddon } from '../../build/addon.ts'
import { type FanOut, loadFanOut } from '../../src/live/fan-out.ts'
import { loadRepeat, type RepeatBinding } from '../../src/repeats/binding.ts'
import { cc } from './tools.ts'

/** The addons, compiled. */
export const compiledFanOut = (): FanOut => compiled('live/fan-out.c', loadFanOut)
export const compiledRepeat = (): RepeatBinding => compiled('repeats/repeat.c', loadRepeat)

function compiled<T>(source: string, load: (path: string) => T | undefined): T {
  const folder = mkdtempSync(join(tmpdir(), 'addon-'))
  try {
    const addon = join(folder, 'addon.node')
    compileAddon(join(import.meta.dirname, '../../src', source), addon, cc())
    return load(addon)!
  } finally {
    rmSync(folder, { recursive: true })
  }
}
