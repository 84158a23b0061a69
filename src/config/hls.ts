import type { Settings } from './setting.ts'

export type HlsConfig = ReturnType<typeof readHlsConfig>

/** Times in milliseconds. */
export function readHlsConfig(settings: Settings) {
  return {
    /** Segments that a playlist lists, where memory allows. */
    segments: settings.integer('HLS_SEGMENTS', 6, 3, 60),
    /** Low latency also for players that do not ask for it. */
    lowLatency: settings.flag('HLS_LOW_LATENCY', false),
    /** A cache in front may ask for segments without a handle. */
    sharedCache: settings.flag('HLS_SHARED_CACHE', false),
    idleMs: 30_000,
    readyMs: 10_000,
  }
}
