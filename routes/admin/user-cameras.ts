import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '../schemas/errors.ts'
import { CameraAccess, UserId } from '../schemas/users.ts'

const userCameras: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/admin/users/:id/cameras',
    {
      schema: {
        summary: 'Which cameras a user sees',
        params: UserId,
        response: { 200: CameraAccess, ...errors(404) },
      },
    },
    async ({ db, params }) => {
      const access = await app.users.cameras(db, params.id)
      return { mode: access.mode, cameras: access.mode === 'all' ? [] : [...access.cameras].sort() }
    },
  )

  app.put(
    '/api/admin/users/:id/cameras',
    {
      schema: {
        summary: 'Choose which cameras a user sees; streams of the others end',
        params: UserId,
        body: CameraAccess,
        response: { 200: CameraAccess, ...errors(400, 404) },
      },
    },
    async ({ actor, params, body }) => {
      const cameras = new Set(body.mode === 'all' ? [] : body.cameras)
      await app.users.setCameras(
        actor,
        params.id,
        body.mode === 'all' ? { mode: 'all' } : { mode: 'custom', cameras },
      )
      return { mode: body.mode, cameras: [...cameras].sort() }
    },
  )
}
export default userCameras
