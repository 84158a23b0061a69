import type { Hub } from '../hub.ts'

export type HubStatus = ReturnType<typeof describeHub>

/** What a person or a monitor wants to know of a hub. Sizes in bytes, times in seconds. */
export function describeHub(hub: Hub, warm: boolean) {
  const now = performance.now()
  const { media, drops } = hub
  const { gop, ring, budget } = media
  const start = gop.start
  return {
    last_access_seconds_ago: hub.viewers > 0 ? 0 : Math.round((now - hub.lastAccess) / 1000),
    uptime_seconds: Math.round((now - hub.since) / 1000),
    state: hub.state,
    picture_seconds_ago: secondsSince(hub.health.pictureAt, now),
    sound_lost: hub.health.soundIsLost(now),
    fault: hub.fault?.message ?? null,
    codecs: media.init ? media.tracks.map(track => track.codec) : [],
    viewers: hub.viewers,
    held_bytes: budget.used,
    limit_bytes: budget.limit,
    received_bytes: media.received,
    gop: {
      kept: start !== undefined,
      too_large: gop.tooLarge,
      bytes: start && ring.newest ? ring.newest.end - start.position : 0,
      seconds: Math.round((gop.lastSeconds ?? 0) * 100) / 100,
    },
    dropped: { ...drops },
    upstream_connections: hub.connects,
    warm,
  }
}

function secondsSince(at: number | undefined, now: number): number | null {
  return at === undefined ? null : Math.round((now - at) / 100) / 10
}
