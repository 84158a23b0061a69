import { Type } from 'typebox'

/** The one shape of errors. Members beyond these are named where a route has them. */
export const ErrorReply = Type.Object({
  error: Type.String({ description: 'One sentence for a person' }),
  code: Type.String({ description: 'Stable, for programs' }),
  requestId: Type.String(),
})
