import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CameraParams, CameraReply } from '../../schemas/camera.ts'

const cameras: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/cameras',
    {
      schema: {
        summary: 'The cameras that you may see',
        description: '`stale` says that Frigate could not be asked: the list is what was known before.',
        response: { 200: Type.Object({ cameras: Type.Array(CameraReply), stale: Type.Boolean() }) },
      },
    },
    async request => {
      const { cameras, stale } = await app.cameras.visibleTo(request.identity)
      return { cameras: cameras.map(({ id, name }) => describe(id, name)), stale }
    },
  )

  app.get(
    '/api/cameras/:id/stream/mse',
    {
      schema: {
        summary: "Where a camera's live fragmented MP4 is",
        params: CameraParams,
        response: {
          200: Type.Object({
            camera_id: Type.String(),
            stream_name: Type.String(),
            mse_url: Type.String(),
            type: Type.Literal('mse'),
          }),
        },
      },
    },
    async request => {
      const { id, stream } = await app.cameras.require(request.identity, request.params.id)
      const mse_url = `/api/go2rtc/mse/${encodeURIComponent(stream)}`
      return { camera_id: id, stream_name: stream, mse_url, type: 'mse' as const }
    },
  )
}
export default cameras

/** The PWA puts `/api` before `snapshot_url` by itself, and a token in the query of every media URL. */
function describe(id: string, name: string) {
  const segment = encodeURIComponent(id)
  const mp4 = `/api/camera/${segment}/stream.mp4`
  const hls = `/api/camera/${segment}/stream.m3u8`
  return {
    id,
    name,
    snapshot_url: `/camera/${segment}/snapshot`,
    mp4_url: mp4,
    hls_url: hls,
    adaptive_urls: { mp4, hls },
  }
}
