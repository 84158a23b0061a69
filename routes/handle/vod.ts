import replyFrom from '@fastify/reply-from'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Params = Type.Object({ handle: Type.String(), file: Type.String({ maxLength: 128 }) })

/** What the playlists of clips and recordings name. */
const vod: FastifyPluginAsyncTypebox = async app => {
  app.register(replyFrom, app.mediaForwarding)
  for (const kind of ['clip', 'recording'] as const) {
    app.get(
      `/api/hls/${kind}/:handle/:file`,
      {
        config: { handle: kind },
        schema: {
          summary: `Playlists and segments of a ${kind}`,
          produces: ['application/vnd.apple.mpegurl', 'video/mp4', 'video/mp2t'],
          params: Params,
        },
      },
      async (request, reply) => {
        const { camera = '', id } = request.subject
        const [after, before] = id.split('-').map(Number)
        const subject = kind === 'clip' ? { event: id } : { camera, after: after!, before: before! }
        return app.sendMedia(request, reply, camera, async signal => {
          const file = await app.vod.file(subject, request.params.file, signal)
          if (typeof file !== 'string') return file
          return { status: 200, headers: PLAYLIST, body: file }
        })
      },
    )
  }
}
export default vod

const PLAYLIST = { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'private, no-store' }
