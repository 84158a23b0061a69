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
import access from '../plugins/access.ts'
import accounts from '../plugins/accounts.ts'
import admission from '../plugins/admission.ts'
import asking from '../plugins/asking.ts'
import bodies from '../plugins/bodies.ts'
import browser from '../plugins/browser.ts'
import cameras from '../plugins/cameras.ts'
import client from '../plugins/client.ts'
import clips from '../plugins/clips.ts'
import database from '../plugins/database.ts'
import drain from '../plugins/drain.ts'
import errors from '../plugins/errors.ts'
import eventFeed from '../plugins/event-feed.ts'
import frigate from '../plugins/frigate.ts'
import geoip from '../plugins/geoip.ts'
import go2rtc from '../plugins/go2rtc.ts'
import handles from '../plugins/handles.ts'
import heap from '../plugins/heap.ts'
import history from '../plugins/history.ts'
import hls from '../plugins/hls.ts'
import hlsReply from '../plugins/hls-reply.ts'
import housekeeping from '../plugins/housekeeping.ts'
import jsonBody from '../plugins/json-body.ts'
import ledger from '../plugins/ledger.ts'
import live from '../plugins/live.ts'
import liveReply from '../plugins/live-reply.ts'
import mediaForwarding from '../plugins/media-forwarding.ts'
import mediaReply from '../plugins/media-reply.ts'
import memory from '../plugins/memory.ts'
import metrics from '../plugins/metrics.ts'
import players from '../plugins/players.ts'
import rateLimit from '../plugins/rate-limit.ts'
import { lazyCompilers } from '../plugins/schema-compilers.ts'
import sessions from '../plugins/sessions.ts'
import settings from '../plugins/settings.ts'
import shares from '../plugins/shares.ts'
import system from '../plugins/system.ts'
import tokens from '../plugins/tokens.ts'
import upgrade from '../plugins/upgrade.ts'
import viewers from '../plugins/viewers.ts'
import vod from '../plugins/vod.ts'
import watchdog from '../plugins/watchdog.ts'
import { type Scope, scopes } from '../routes/scopes.ts'
import type { Config } from './config/config.ts'
import { Connections } from './http/connections.ts'
import { MOST_BODY_BYTES } from './http/request-bytes.ts'
import { createHttpServer } from './http/server.ts'
import { loopback } from './network/address.ts'

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
  heap,
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
    .header('content-type', 'application/json; charset=utf-8')
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
