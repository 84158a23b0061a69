import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileAddon } from '../../build/addon.ts'
import { type FanOut, loadFanOut } from '../../src/live/fan-out.ts'
import { cc } from './tools.ts'

const SOURCE = join(import.meta.dirname, '../../src/live/fan-out.c')

/** The addon, compiled. */
export function compiledFanOut(): FanOut {
  const folder = mkdtempSync(join(tmpdir(), 'fan-out-'))
  try {
    const addon = join(folder, 'fan-out.node')
    compileAddon(SOURCE, addon, cc())
    return loadFanOut(addon)!
  } finally {
    rmSync(folder, { recursive: true })
  }
}
