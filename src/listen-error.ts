/**
 * What keeps a server from listening, in one sentence for whoever started it; `undefined` for an error of another kind. The
 * error tells the address by itself: the one of `PORT` or that of `METRICS_PORT`.
 */
export function listenSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, address, port, hostname } = error as Error & Record<string, unknown>
  if (syscall === 'getaddrinfo') return `HOST=${JSON.stringify(hostname)} is not an address of this machine`
  if (syscall !== 'listen') return undefined
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${address} is taken by another program (${code}); PORT and METRICS_PORT choose another one`
    case 'EACCES':
      return `port ${port} may not be used by this account (${code}); PORT and METRICS_PORT choose one above 1023`
    case 'EADDRNOTAVAIL':
      return `HOST="${address}" is not an address of this machine (${code})`
    default:
      return undefined
  }
}
