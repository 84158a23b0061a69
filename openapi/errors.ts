/** One error of each status that is answered, as a client sees it. */
const EXAMPLES: Readonly<Record<string, { error: string; code: string }>> = {
  400: { error: 'body/username must be string', code: 'FST_ERR_VALIDATION' },
  401: { error: 'The session has ended, log in again', code: 'SESSION_ENDED' },
  403: { error: 'Account disabled', code: 'ACCOUNT_DISABLED' },
  404: { error: 'Camera not found', code: 'CAMERA_NOT_FOUND' },
  409: { error: 'This username is taken', code: 'USERNAME_TAKEN' },
  416: { error: 'The range lies outside of it', code: 'RANGE_NOT_SATISFIABLE' },
  429: { error: 'Too many requests, try again in a moment', code: 'TOO_MANY_REQUESTS' },
  426: { error: 'This is a WebSocket: connect to it with ws:// or wss://', code: 'UPGRADE_REQUIRED' },
  502: { error: 'Frigate answered with status 500', code: 'FRIGATE_REFUSED' },
  504: { error: 'Frigate did not answer within 10 seconds', code: 'FRIGATE_TIMEOUT' },
  503: { error: 'The database is busy, try again in a moment', code: 'DATABASE_BUSY' },
  default: { error: 'Internal error', code: 'INTERNAL' },
}

export function errorResponse(status: string, description: string) {
  const { error, code } = EXAMPLES[status] ?? EXAMPLES.default!
  return {
    description,
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        example: { error, code, requestId: 'req-7' },
      },
    },
  }
}
