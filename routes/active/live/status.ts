import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Stream = Type.Object({
  last_access_seconds_ago: Type.Number(),
  uptime_seconds: Type.Number(),
  state: Type.String(),
  picture_seconds_ago: Type.Union([Type.Number(), Type.Null()], {
    description: 'When the newest picture came; null before the first',
  }),
  sound_lost: Type.Boolean({ description: 'Sound was announced, and does not come; players get silence' }),
  fault: Type.Union([Type.String(), Type.Null()], { description: 'Why it cannot be shown at all' }),
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
  held_bytes: Type.Integer({ description: 'Of the streams that you may see' }),
  peak_bytes: Type.Integer({
    description:
      'The most that was held at once; for a user of chosen cameras, of each open stream by itself',
  }),
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
    async ({ identity }) => {
      const streams: Record<string, ReturnType<typeof app.live.describe>> = {}
      let peak = 0
      for (const hub of app.live.hubs())
        if (await app.cameras.streamVisibleTo(identity, hub.stream)) {
          const name = hub.stream in streams ? `${hub.stream} (${hub.variant})` : hub.stream
          streams[name] = app.live.describe(hub)
          peak += hub.media.budget.peak
        }
      const shown = Object.values(streams)
      const sum = (of: (stream: (typeof shown)[number]) => number) =>
        shown.reduce((total, stream) => total + of(stream), 0)
      const { viewers, budget, options } = app.live
      // Whoever may not see every camera is told nothing that another one moves.
      const totals = app.cameras.maySeeAll(identity)
        ? { viewers, held_bytes: budget.used, peak_bytes: budget.peak }
        : {
            viewers: sum(stream => stream.viewers),
            held_bytes: sum(stream => stream.held_bytes),
            peak_bytes: peak,
          }
      return {
        active_streams: shown.length,
        buffer_duration: Math.max(0, ...shown.map(stream => stream.gop.seconds)),
        ...totals,
        limits: options.limits,
        streams,
      }
    },
  )
}
export default status
