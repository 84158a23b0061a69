import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Camera = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) })
const Cameras = Type.Object({
  cameras: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256 })),
})

const Failed = Type.Array(Type.Object({ camera: Type.String(), error: Type.String() }))
const Started = Type.Object({
  status: Type.Literal('success'),
  started_streams: Type.Array(Type.String()),
  failed_streams: Failed,
  message: Type.String(),
})
const Stopped = Type.Object({
  status: Type.Literal('success'),
  stopped_streams: Type.Array(Type.String()),
  failed_streams: Failed,
  message: Type.String(),
})
const One = Type.Object({ status: Type.Literal('success'), camera: Type.String(), message: Type.String() })

/**
 * Holding streams warm, so that the first picture is there at once. Answers do not wait for cameras; what is given
 * back is only the hold, never another viewer's stream.
 */
const warm: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/cameras/start-streaming',
    { schema: { summary: 'Hold cameras warm', body: Cameras, response: { 200: Started } } },
    async request => {
      const started = await forEach(request.body.cameras, request.identity, stream => app.live.hold(stream))
      return {
        status: 'success' as const,
        started_streams: started.done,
        failed_streams: started.failed,
        message: `Started ${started.done.length} streams`,
      }
    },
  )
  app.post(
    '/api/cameras/stop-streaming',
    { schema: { summary: 'Give back the hold on cameras', body: Cameras, response: { 200: Stopped } } },
    async request => {
      const stopped = await forEach(request.body.cameras, request.identity, stream =>
        app.live.release(stream),
      )
      return {
        status: 'success' as const,
        stopped_streams: stopped.done,
        failed_streams: stopped.failed,
        message: `Stopped ${stopped.done.length} streams`,
      }
    },
  )
  for (const [path, message] of [
    ['start-stream', 'Stream started'],
    ['keep-alive', 'Stream kept alive'],
  ] as const)
    app.post(
      `/api/cameras/:id/${path}`,
      { schema: { summary: message, params: Camera, response: { 200: One } } },
      async request => {
        const { id, stream } = await app.cameras.require(request.identity, request.params.id)
        app.live.hold(stream)
        return { status: 'success' as const, camera: id, message }
      },
    )

  /** Without a list, every camera that the user may see. */
  async function forEach(
    ids: readonly string[] | undefined,
    identity: Parameters<typeof app.cameras.visibleTo>[0],
    act: (stream: string) => void,
  ) {
    const { cameras } = await app.cameras.visibleTo(identity)
    const done: string[] = []
    const failed: { camera: string; error: string }[] = []
    for (const id of ids ?? cameras.map(camera => camera.id)) {
      const camera = cameras.find(one => one.id === id)
      try {
        if (!camera) throw new Error('Camera not found')
        act(camera.stream)
        done.push(id)
      } catch (error) {
        failed.push({ camera: id, error: error instanceof Error ? error.message : String(error) })
      }
    }
    return { done, failed }
  }
}
export default warm
