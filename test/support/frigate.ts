import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { FrigateOptions } from '../../demo/frigate/exchange.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'
import { type HouseholdCamera, sampleHousehold } from '../../demo/frigate/household.ts'
import type { Media } from '../../demo/frigate/media.ts'
import { minor } from '../../demo/frigate/shapes.ts'
import { makeMedia } from './frigate-media.ts'

export const CAMERAS: Readonly<Record<string, HouseholdCamera>> = {
  Front_Door: { zones: ['Front_Door', 'Porch'], liveStream: 'Front_Door_live' },
  Driveway: { zones: ['Driveway'] },
  Nursery: { zones: ['Cot'] },
}

let made: (Media & { readonly vodFmp4: string }) | undefined

/** Made once in a process, removed when it ends. */
function media() {
  if (made) return made
  const folder = mkdtempSync(join(tmpdir(), 'camgate-media-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  made = makeMedia(folder, Object.keys(CAMERAS))
  return made
}

/** The stand-in for Frigate with a sample house, stopped with the test. */
export async function startFrigate(t: Test, options: Partial<FrigateOptions> = {}): Promise<Frigate> {
  const version = options.version ?? '0.16'
  const { vod, vodFmp4, ...files } = media()
  const frigate = new Frigate({
    version,
    household: sampleHousehold(CAMERAS),
    media: { ...files, vod: minor(version) >= 17 ? vodFmp4 : (vod ?? '') },
    ...options,
  })
  await frigate.start()
  t.teardown(() => frigate.stop())
  return frigate
}
