import createError from '@fastify/error'

export const OriginForbidden = createError(
  'ORIGIN_FORBIDDEN',
  'This origin may not open a WebSocket here',
  403,
)
export const StreamUnknown = createError('STREAM_UNKNOWN', 'Stream not found', 404)
