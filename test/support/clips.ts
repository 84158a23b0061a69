import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { FrigateOptions } from '../../demo/frigate/exchange.ts'
import type { Environment } from '../../src/config/setting.ts'
import { startHouse } from './house.ts'
import { asPlain } from './plain-mp4.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A house, the path of one clip, and what a client has to get for it. */
export async function startClips(t: Test, options: Partial<FrigateOptions> = {}, env: Environment = {}) {
  const cache = join(await temporaryFolder(t), 'cache')
  const house = await startHouse(t, options, { CLIP_CACHE_PATH: cache, ...env })
  const { media, version } = house.frigate.options
  const upstream = readFileSync(version === '0.14' ? media.clip : media.fragmented)
  const event = house.frigate.household.events[1]!
  const path = `/api/events/${event.id}/clip.mp4`
  return {
    ...house,
    cache,
    path,
    event,
    url: `${house.origin}${path}?token=${house.admin.token}`,
    upstream,
    /** What a client gets: what Frigate pipes is turned into a plain MP4. */
    expected: version === '0.14' ? upstream : asPlain(upstream),
  }
}

export const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** How often Frigate was asked for a clip. */
export const clipRequests = (house: { frigate: { seen(path: RegExp): unknown[] } }) =>
  house.frigate.seen(/clip\.mp4/).length
