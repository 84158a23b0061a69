import type { FastifyPluginAsync } from 'fastify'
import mediaToken from './active/account/media-token.ts'
import ownAccount from './active/account/own-account.ts'
import ownSessions from './active/account/own-sessions.ts'
import playerTokens from './active/account/player-tokens.ts'
import cameraRoutes from './active/cameras/cameras.ts'
import frigateCameras from './active/cameras/frigate-cameras.ts'
import recordingVod from './active/cameras/recording-vod.ts'
import recordings from './active/cameras/recordings.ts'
import snapshot from './active/cameras/snapshot.ts'
import eventClip from './active/events/event-clip.ts'
import eventHls from './active/events/event-hls.ts'
import eventPictures from './active/events/event-pictures.ts'
import eventStream from './active/events/event-stream.ts'
import events from './active/events/events.ts'
import reviews from './active/events/reviews.ts'
import hlsStart from './active/live/hls.ts'
import mp4 from './active/live/mp4.ts'
import passthrough from './active/live/passthrough.ts'
import liveStatus from './active/live/status.ts'
import streams from './active/live/streams.ts'
import warm from './active/live/warm.ts'
import websocket from './active/live/websocket.ts'
import memoryFigures from './active/system/memory.ts'
import systemStatus from './active/system/system-status.ts'
import audit from './admin/audit.ts'
import memoryCleanup from './admin/memory.ts'
import memoryHistory from './admin/memory-history.ts'
import security from './admin/security.ts'
import userCameras from './admin/user-cameras.ts'
import userCredentials from './admin/user-credentials.ts'
import users from './admin/users.ts'
import hlsAuthorized from './handle/hls-authorized.ts'
import hlsMedia from './handle/hls-media.ts'
import hlsPlaylists from './handle/hls-playlists.ts'
import vodFiles from './handle/vod.ts'
import health from './public/health.ts'
import hlsCache from './public/hls-cache.ts'
import login from './public/login.ts'
import prometheus from './public/metrics.ts'
import pages from './public/page.ts'
import publicCameras from './public/public-cameras.ts'
import ready from './public/ready.ts'
import logout from './session/logout.ts'
import me from './session/me.ts'

/** Every route, by who may come in. */
export const scopes = {
  /** No login. */
  open: [health, ready, prometheus, hlsCache, login, publicCameras, pages] as FastifyPluginAsync[],
  /** A valid session, disabled accounts included. */
  session: [logout, me] as FastifyPluginAsync[],
  /** A valid session of an active account. A route is here unless it has a reason to be elsewhere. */
  active: [
    ownAccount,
    ownSessions,
    mediaToken,
    playerTokens,
    cameraRoutes,
    snapshot,
    frigateCameras,
    events,
    eventPictures,
    eventClip,
    eventHls,
    eventStream,
    recordings,
    recordingVod,
    reviews,
    systemStatus,
    memoryFigures,
    websocket,
    mp4,
    warm,
    hlsStart,
    liveStatus,
    streams,
    passthrough,
  ] as FastifyPluginAsync[],
  /** A path handle that was given to a valid session; it alone authorises. */
  handle: [hlsPlaylists, hlsMedia, hlsAuthorized, vodFiles] as FastifyPluginAsync[],
  /** An active administrator. */
  admin: [
    users,
    userCameras,
    userCredentials,
    security,
    audit,
    memoryCleanup,
    memoryHistory,
  ] as FastifyPluginAsync[],
}

export type Scope = keyof typeof scopes
