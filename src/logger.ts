import pino, { type Logger } from 'pino'

/** Structured lines on stdout. Of a request it keeps what is needed to find it again, and no token. */
export function createLogger(level: string, destination?: pino.DestinationStream): Logger {
  return pino(
    {
      level,
      serializers: {
        req: (request: { method: string; url: string; ip?: string }) => ({
          method: request.method,
          url: withoutToken(request.url),
          address: request.ip,
        }),
      },
    },
    destination ?? pino.destination(1),
  )
}

/** The URL with what is a secret in its query left out. */
export function withoutToken(url: string): string {
  return url.replace(/([?&](?:token|access_token)=)[^&#]*/gi, '$1…')
}
