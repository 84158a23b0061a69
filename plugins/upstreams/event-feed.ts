import fp from 'fastify-plugin'
import { maySeeCamera } from '../../src/access/identity.ts'
import type { FeedEntry } from '../../src/event-feed/change.ts'
import { EventFeed } from '../../src/event-feed/feed.ts'
import { MqttSource } from '../../src/event-feed/mqtt-source.ts'
import { PollSource } from '../../src/event-feed/poll-source.ts'
import { SseStream } from '../../src/event-feed/sse.ts'
import { WebSocketSource } from '../../src/event-feed/websocket-source.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What happens at the cameras, as it happens. */
    eventFeed: EventFeed
    /** Answers with the events of the cameras that the user may see until either side ends it. */
    sendEvents(request: FastifyRequest, reply: FastifyReply, after: string | undefined): FastifyReply
  }
}

const NEWEST = 50

export default fp(
  async app => {
    const { frigate, viewers } = app
    const { mqttUrl, mqttTopicPrefix } = app.config.upstreams
    const feed = new EventFeed({
      source:
        mqttUrl === undefined
          ? new WebSocketSource(() => frigate.client.webSocket('/ws'), app.ledger.always)
          : new MqttSource(mqttUrl, mqttTopicPrefix),
      fallback: new PollSource(() => frigate.events.newest(NEWEST)),
    })
    app.ledger.watch('SSE clients', () => feed.listeners)
    app.decorate('eventFeed', feed)
    app.addHook('onClose', async () => feed.stop())

    app.decorate('sendEvents', (request, reply, after) => {
      const { identity } = request
      viewers.admit(identity, 'events')
      const { raw } = reply.hijack()
      if (raw.destroyed) return reply
      request.place?.leave()
      raw.writeHead(200, { ...HEADERS, ...(reply.getHeaders() as Record<string, string>) })
      const stream = new SseStream(raw, app.ledger.every)
      const tell = ({ id, type, event }: FeedEntry) => stream.send({ id, event: type, data: event })
      const sees = (camera: string) => maySeeCamera(identity, camera)
      const { missed, newest, leave } = feed.listen(tell, sees, after)
      const release = viewers.add({ identity, kind: 'events', end: () => raw.destroy() })
      raw.once('close', () => {
        leave()
        release()
      })
      if (missed) for (const entry of missed) tell(entry)
      else stream.send({ event: 'gap', data: {} })
      stream.send({ id: newest, event: 'ready', data: {} })
      return reply
    })
  },
  { name: 'event-feed', dependencies: ['settings', 'ledger', 'frigate', 'viewers'] },
)

/** `x-accel-buffering`: nginx hands on what comes, at once. */
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'private, no-store',
  'x-accel-buffering': 'no',
}
