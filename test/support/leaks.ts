import type { FastifyInstance } from 'fastify'
import { SnapshotCache } from '../../src/cameras/snapshots.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { raw } from '../../src/live/timeline/framing.ts'

/** Mistakes that a route could make: what it takes at each request that is answered well, it never gives back. */
export type Leak = 'cache' | 'subscriber' | 'upstream'

/** What hangs on things that leak, a request, a parser, somebody's picture: so many bytes, at most so often. */
const BYTES = 2 * 1024 * 1024
const EVERY_MS = 50
/** With more of them nothing else would get through to go2rtc any more. */
const MOST_REQUESTS = 20
/** A cache with bounds that it never gets to. */
const NO_LIMITS = { freshMs: 2 ** 30, entries: 100_000, bytes: 2 ** 40 }

/** Plants a leak in a server that does not listen yet. */
export function plant(app: FastifyInstance, leak: Leak): void {
  const kept: Buffer[] = []
  let keptAt = 0
  let asked = 0
  const pictures = new SnapshotCache(async () => ({ jpeg: Buffer.alloc(0), stale: false }), NO_LIMITS)
  if (leak === 'cache')
    app
      .addHook('onReady', async () => app.ledger.watch('pictures kept', () => pictures.size))
      .addHook('onClose', async () => void pictures.clear())
  const take: Readonly<Record<Leak, () => unknown>> = {
    cache: () => pictures.get(`Camera ${asked++}`, { user: 1, token: 'a' }),
    subscriber: async () => {
      const hub = await app.live.find('Synthetic', PLAIN_VIDEO)
      const sink = { queued: 0, write: () => true, end: () => {} }
      app.live.subscribe(hub, sink, { framing: raw, plainVideo: false })
    },
    upstream: async () => {
      if (asked >= MOST_REQUESTS) return
      asked++
      const stream = { method: 'GET', path: '/api/stream.mp4?src=Synthetic' } as const
      try {
        const { body } = await app.go2rtc.pools.endless.request(stream)
        body.on('error', () => {}).on('close', () => asked--)
      } catch {
        asked--
      }
    },
  }
  app.addHook('onResponse', async (_, reply) => {
    if (reply.statusCode !== 200) return
    const now = performance.now()
    if (now - keptAt > EVERY_MS) {
      keptAt = now
      kept.push(Buffer.alloc(BYTES, 1))
    }
    await Promise.resolve(take[leak]()).catch(() => {})
  })
}
