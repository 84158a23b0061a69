import { Type } from 'typebox'

/** The one shape of errors. */
export const ErrorReply = Type.Object(
  {
    error: Type.String({ description: 'One sentence for a person' }),
    code: Type.String({ description: 'Stable, for programs' }),
    requestId: Type.String(),
    attempts_remaining: Type.Optional(Type.Integer({ description: 'With INVALID_CREDENTIALS' })),
    disabled: Type.Optional(Type.Boolean({ description: 'With ACCOUNT_DISABLED' })),
  },
  { examples: [{ error: 'User not found', code: 'NO_SUCH_USER', requestId: 'req-7' }] },
)

/** What a route answers besides its success; 401, 403 and 429 of its scope go without saying. */
export function errors<Status extends number>(...statuses: Status[]) {
  return Object.fromEntries(statuses.map(status => [status, ErrorReply])) as Record<Status, typeof ErrorReply>
}
