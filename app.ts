import { randomUUID } from 'node:crypto'
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type onRequestHookHandler,
} from 'fastify'
import access from './plugins/access/access.ts'
import accounts from './plugins/access/accounts.ts'
import geoip from './plugins/access/geoip.ts'
import handles from './plugins/access/handles.ts'
import sessions from './plugins/access/sessions.ts'
import tokens from './plugins/access/tokens.ts'
import viewers from './plugins/access/viewers.ts'
import admission from './plugins/http/admission.ts'
import bodies from './plugins/http/bodies.ts'
import browser from './plugins/http/browser.ts'
import client from './plugins/http/client.ts'
import jsonBody from './plugins/http/json-body.ts'
import rateLimit from './plugins/http/rate-limit.ts'
import { lazyCompilers } from './plugins/http/schema-compilers.ts'
import shares from './plugins/http/shares.ts'
import upgrade from './plugins/http/upgrade.ts'
import hls from './plugins/live/hls.ts'
import hlsReply from './plugins/live/hls-reply.ts'
import live from './plugins/live/live.ts'
import liveReply from './plugins/live/live-reply.ts'
import players from './plugins/live/players.ts'
import database from './plugins/process/database.ts'
import drain from './plugins/process/drain.ts'
import errors from './plugins/process/errors.ts'
import history from './plugins/process/history.ts'
import housekeeping from './plugins/process/housekeeping.ts'
import ledger from './plugins/process/ledger.ts'
import memory from './plugins/process/memory.ts'
import metrics from './plugins/process/metrics.ts'
import settings from './plugins/process/settings.ts'
import system from './plugins/process/system.ts'
import watchdog from './plugins/process/watchdog.ts'
import asking from './plugins/upstreams/asking.ts'
import cameras from './plugins/upstreams/cameras.ts'
import clips from './plugins/upstreams/clips.ts'
import eventFeed from './plugins/upstreams/event-feed.ts'
import frigate from './plugins/upstreams/frigate.ts'
import go2rtc from './plugins/upstreams/go2rtc.ts'
import mediaForwarding from './plugins/upstreams/media-forwarding.ts'
import mediaReply from './plugins/upstreams/media-reply.ts'
import vod from './plugins/upstreams/vod.ts'
import { type Scope, scopes } from './routes/scopes.ts'
import type { Config } from './src/config/config.ts'
import { Connections } from './src/http/connections.ts'
import { DATA_HEADERS } from './src/http/data-headers.ts'
import { MOST_BODY_BYTES } from './src/http/request-bytes.ts'
import { createHttpServer } from './src/http/server.ts'
import { loopback } from './src/network/address.ts'

/** In order: what a later plugin stands on comes first; `onClose` runs in the reverse order. */
const plugins = [
  settings,
  errors,
  ledger,
  jsonBody,
  bodies,
  database,
  tokens,
  client,
  shares,
  viewers,
  geoip,
  sessions,
  accounts,
  access,
  handles,
  browser,
  admission,
  rateLimit,
  housekeeping,
  asking,
  go2rtc,
  frigate,
  cameras,
  clips,
  vod,
  eventFeed,
  mediaForwarding,
  mediaReply,
  system,
  live,
  liveReply,
  hls,
  hlsReply,
  upgrade,
  players,
  memory,
  history,
  watchdog,
  metrics,
  drain,
]

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections
  }
  interface FastifyContextConfig {
    /** Who may come in: the scope that the route is registered in. */
    scope?: Scope
  }
}

export interface AppOptions {
  readonly logger?: FastifyBaseLogger
  /** Ends the process so that it is started again; without it the watchdog cannot. */
  readonly restart?: () => void
}

/** Builds the one server: plugins first, then the route scopes, each inside the one that guards it. */
export function buildApp(config: Config, options: AppOptions = {}): FastifyInstance {
  const webSockets = new Set<string>()
  const { limits, requestMs, trustedProxies } = config.server
  const connections = new Connections(
    limits.connections,
    address => loopback.has(address) || trustedProxies.has(address),
  )
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    bodyLimit: MOST_BODY_BYTES,
    /** Said to clients with every error: a number that counts would tell how much others do. */
    genReqId: () => `req-${randomUUID().slice(0, 13)}`,
    serverFactory: answer =>
      createHttpServer(answer, {
        connections,
        requestMs,
        isWebSocket: path => webSockets.has(path),
        onError: error => app.log.error({ err: error }, 'no connection is taken'),
      }),
    frameworkErrors: refuse,
    /** `createHttpServer` answers them. */
    clientErrorHandler: () => {},
    schemaController: { compilersFactory: lazyCompilers },
    /** Longer than any path that Node takes: an id that is too long is a 400 with a sentence, not an unknown route. */
    routerOptions: { maxParamLength: 16 * 1024 },
    forceCloseConnections: 'idle',
    /** Two lines a request cost more than a small request itself; failures are logged in any case. */
    logController: new LogController({
      disableRequestLogging: !/^(debug|trace)$/.test(config.server.logLevel),
    }),
    trustProxy: address => trustedProxies.has(address),
  })
  app.decorate('connections', connections)
  app.addHook('onRoute', route => {
    if (route.config?.websocket) webSockets.add(route.url)
  })
  const { restart = () => {} } = options
  for (const plugin of plugins) app.register(plugin, { config, restart })
  app.register(async open => {
    enter(open, 'open')
    open.register(async handle => enter(handle, 'handle', handle.requireHandle))
    open.register(async session => {
      enter(session, 'session', session.requireSession)
      session.register(async active => {
        enter(active, 'active', active.requireActive)
        active.register(async admin => enter(admin, 'admin', admin.requireAdmin))
      })
    })
  })
  return app
}

/** What the router cannot read has no route, and so no error handler of ours. */
function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { code, statusCode = 400 } = error
  reply
    .code(statusCode)
    .headers({ ...DATA_HEADERS, 'content-type': 'application/json; charset=utf-8' })
    .send(JSON.stringify({ error: 'This address cannot be read', code, requestId: request.id }))
}

/** Guards a scope and registers its routes in it. */
function enter(scope: FastifyInstance, name: Scope, guard?: onRequestHookHandler): void {
  scope.addHook('onRoute', route => {
    route.config = { ...route.config, scope: name }
  })
  if (guard) scope.addHook('onRequest', guard)
  for (const route of scopes[name]) scope.register(route)
}
