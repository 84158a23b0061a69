import createError from '@fastify/error'

export const OriginForbidden = createError(
  'ORIGIN_FORBIDDEN',
  'A page of %s may not open a WebSocket here, where the server is reached as %s: have the proxy hand on Host, or name the address in PUBLIC_ORIGINS',
  403,
)
export const StreamUnknown = createError('STREAM_UNKNOWN', 'Stream not found', 404)
