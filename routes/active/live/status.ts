import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Stream = Type.Object({
  last_access_seconds_ago: Type.Number(),
  uptime_seconds: Type.Number(),
  state: Type.String(),
  codecs: Type.Array(Type.String()),
  viewers: Type.Integer(),
  held_bytes: Type.Integer(),
  limit_bytes: Type.Integer(),
  received_bytes: Type.Integer(),
  gop: Type.Object({
    kept: Type.Boolean(),
    too_large: Type.Boolean(),
    bytes: Type.Integer(),
    seconds: Type.Number(),
  }),
  dropped: Type.Object({ skips: Type.Integer(), packets: Type.Integer(), bytes: Type.Integer() }),
  upstream_connections: Type.Integer({ description: 'Made so far; more than one means reconnects' }),
  warm: Type.Boolean({ description: 'Held by start-streaming or keep-alive' }),
})

const Status = Type.Object({
  active_streams: Type.Integer(),
  buffer_duration: Type.Number({ description: 'The longest kept GOP in seconds' }),
  viewers: Type.Integer(),
  held_bytes: Type.Integer(),
  peak_bytes: Type.Integer(),
  limits: Type.Object({
    fragmentBytes: Type.Integer(),
    viewerBytes: Type.Integer(),
    streamBytes: Type.Integer(),
    processBytes: Type.Integer(),
  }),
  streams: Type.Record(Type.String(), Stream),
})

const status: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/stream-buffer/status',
    { schema: { summary: 'What live streams hold against their limits', response: { 200: Status } } },
    async request => {
      const streams: Record<string, ReturnType<typeof app.live.describe>> = {}
      for (const hub of app.live.hubs())
        if (await app.cameras.streamVisibleTo(request.identity, hub.stream)) {
          const name = hub.stream in streams ? `${hub.stream} (${hub.variant})` : hub.stream
          streams[name] = app.live.describe(hub)
        }
      const shown = Object.values(streams)
      const all = app.live.viewers === 0 || request.identity.access.mode === 'all'
      return {
        active_streams: shown.length,
        buffer_duration: Math.max(0, ...shown.map(stream => stream.gop.seconds)),
        viewers: all ? app.live.viewers : shown.reduce((sum, stream) => sum + stream.viewers, 0),
        held_bytes: app.live.budget.used,
        peak_bytes: app.live.budget.peak,
        limits: app.live.options.limits,
        streams,
      }
    },
  )
}
export default status
