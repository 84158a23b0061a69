import fp from 'fastify-plugin'
import { Viewers } from '../../src/access/viewers.ts'
import { TooManyListeners } from '../../src/event-feed/errors.ts'
import { TooManyViewers } from '../../src/live/errors.ts'
import { MediaBusy } from '../../src/upstream/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    viewers: Viewers
  }
}

const MOST_LISTENERS = 500
/** Each has a page of memory that it passes through (`src/upstream/pages.ts`). */
const MOST_MEDIA = 128

/** Endless replies would keep `app.close()` pending for ever: they end in `preClose`. */
export default fp(
  async app => {
    const { maxViewers } = app.config.live
    const live = app.shares.define('live viewers', {
      total: maxViewers,
      refusal: () => new TooManyViewers(maxViewers),
    })
    const viewers = new Viewers({
      websocket: live,
      mp4: live,
      media: app.shares.define('media replies', { total: MOST_MEDIA, refusal: () => new MediaBusy() }),
      events: app.shares.define('event streams', {
        total: MOST_LISTENERS,
        refusal: () => new TooManyListeners(),
      }),
    })
    app.decorate('viewers', viewers)
    app.ledger.watch('viewers', () => viewers.size)
    app.addHook('preClose', async () => viewers.close())
  },
  { name: 'viewers', dependencies: ['settings', 'ledger', 'shares'] },
)
