import { badSetting, type Settings } from './setting.ts'

export type LiveConfig = ReturnType<typeof readLiveConfig>

const KIB = 1024
const MIB = 1024 * KIB

/** Limits are in bytes, times in milliseconds. The defaults suit a container of 128 MB. */
export function readLiveConfig(settings: Settings) {
  const streamKb = settings.integer('LIVE_STREAM_KB', 6144, 64, 1048576)
  return {
    limits: ordered({
      /** The largest fragment (`moof` + `mdat`) that is taken from a camera. */
      fragmentBytes: settings.integer('LIVE_FRAGMENT_KB', Math.min(8192, streamKb), 16, 65536) * KIB,
      /** What one stream may hold: its kept GOP and what lagging viewers still need of it. */
      streamBytes: streamKb * KIB,
      /** What one viewer may have queued but unsent before it is skipped forward. */
      viewerBytes: settings.integer('LIVE_VIEWER_KB', 2048, 64, 65536) * KIB,
      /** What the whole process may hold; bytes that viewers share count once. */
      processBytes: settings.integer('LIVE_PROCESS_MB', 24, 1, 4096) * MIB,
    }),
    maxStreams: settings.integer('LIVE_MAX_STREAMS', 64, 1, 4096),
    maxViewers: settings.integer('LIVE_MAX_VIEWERS', 2000, 1, 100000),
    /** From one reading of all cameras to the next. */
    beatMs: settings.integer('LIVE_BEAT_MS', 40, 10, 200),
    /** Clients that go2rtc serves alone: motion JPEG, WebRTC and the tunnels of players. */
    maxPassthrough: settings.integer('LIVE_MAX_PASSTHROUGH', 64, 1, 4096),
    lingerMs: settings.integer('LIVE_LINGER_SECONDS', 30, 0, 3600) * 1000,
    holdMs: settings.integer('LIVE_HOLD_SECONDS', 90, 1, 3600) * 1000,
    silentMs: settings.integer('LIVE_SILENT_SECONDS', 10, 1, 3600) * 1000,
    stalledMs: settings.integer('LIVE_STALLED_SECONDS', 15, 1, 3600) * 1000,
    webrtc: settings.choice('WEBRTC', 'off', ['off', 'relay']),
  }
}

interface Limits {
  readonly fragmentBytes: number
  readonly streamBytes: number
  readonly viewerBytes: number
  readonly processBytes: number
}

/** What is part of another limit must fit into it. */
function ordered(limits: Limits): Limits {
  const pairs = [
    ['LIVE_FRAGMENT_KB', limits.fragmentBytes, 'LIVE_STREAM_KB', limits.streamBytes],
    ['LIVE_VIEWER_KB', limits.viewerBytes, 'LIVE_STREAM_KB', limits.streamBytes],
    ['LIVE_STREAM_KB', limits.streamBytes, 'LIVE_PROCESS_MB', limits.processBytes],
  ] as const
  for (const [inner, innerBytes, outer, outerBytes] of pairs)
    if (innerBytes > outerBytes)
      throw badSetting(inner, String(innerBytes / KIB), `at most ${outerBytes / KIB} KiB, which is ${outer}`)
  return limits
}
