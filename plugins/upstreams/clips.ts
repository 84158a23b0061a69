import fp from 'fastify-plugin'
import { ClipFiles } from '../../src/clips/clip-files.ts'
import { Clips } from '../../src/clips/clips.ts'
import { FrigateClips } from '../../src/frigate/media/clip-upstream.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Clips of events, each of them seekable. */
    clips: Clips
  }
}

/** Without a folder to write to, clips are handed on as Frigate gives them. */
export default fp(
  async app => {
    const { cacheBytes, cachePath } = app.config.clips
    const files =
      cacheBytes === 0 || !app.frigate.client.present
        ? undefined
        : await ClipFiles.open(cachePath, cacheBytes).catch(error => {
            app.log.warn(
              { err: error, path: cachePath },
              'no clip cache: clips of Frigate ≥ 0.15 cannot seek',
            )
            return undefined
          })
    const clips = new Clips({ upstream: new FrigateClips(app.frigate), files })
    app.decorate('clips', clips)
    app.ledger.watch('clip files', () => clips.openFiles)
  },
  { name: 'clips', dependencies: ['settings', 'ledger', 'frigate'] },
)
