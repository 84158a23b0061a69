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

/** The URL with what is a secret left out: tokens in its query, and the handle that opens what a playlist names. */
export function withoutToken(url: string): string {
  return url
    .replace(/([?&])([^=&#]*)=[^&#]*/g, (whole, sign, name) => (isToken(name) ? `${sign}${name}=…` : whole))
    .replace(/(\/api\/hls\/(?:clip\/|recording\/)?)[\w-]{24}(?=[/?#]|$)/, '$1…')
}

/** A name may be written in percent signs, and means the same. */
function isToken(name: string): boolean {
  try {
    return /^(access_)?token$/i.test(decodeURIComponent(name))
  } catch {
    return false
  }
}
