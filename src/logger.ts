import pino, { type Logger } from 'pino'
import { withoutSecrets } from './redaction.ts'

/** Structured lines on stdout. Of a request it keeps what is needed to find it again; no line has a token or a handle in it. */
export function createLogger(level: string, destination?: pino.DestinationStream): Logger {
  return pino(
    {
      level,
      hooks: { streamWrite: withoutSecrets },
      serializers: {
        req: (request: { method: string; url: string; client?: { address: string }; ip?: string }) => ({
          method: request.method,
          url: request.url,
          address: request.client?.address ?? request.ip,
        }),
      },
    },
    destination ?? pino.destination(1),
  )
}
