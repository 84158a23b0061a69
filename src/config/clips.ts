import { dirname, join } from 'node:path'
import type { Settings } from './setting.ts'

export type ClipsConfig = ReturnType<typeof readClipsConfig>

const MIB = 1024 * 1024

export function readClipsConfig(settings: Settings, databasePath: string) {
  return {
    /** What clips may take on disk, in bytes; 0: nothing is kept. */
    cacheBytes: settings.integer('CLIP_CACHE_MB', 512, 0, 1024 * 1024) * MIB,
    cachePath: settings.text('CLIP_CACHE_PATH', join(dirname(databasePath), 'clip-cache')),
  }
}
