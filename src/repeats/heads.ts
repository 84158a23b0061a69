import type { IncomingMessage } from 'node:http'

export type Headers = Readonly<Record<string, unknown>>

/** Where one answer says what it is; the others say it of the connection. */
const OF_THE_ANSWER = ['content-type', 'content-length', 'cache-control', 'accept-ranges']
/** A request with one of these is not answered by its path alone. */
const BY_MORE_THAN_PATH = ['range', 'content-length', 'transfer-encoding', 'upgrade', 'expect']

/** Whether its path alone says what is asked for. */
export function mayBeRepeated({ method, httpVersion, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    BY_MORE_THAN_PATH.every(header => headers[header] === undefined)
  )
}

/** As clients write it (RFC 9112, 3 and 5). */
export function headOfRequest({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`
  return `${head}\r\n`
}

/** What every connection is told of an answer, from the status line on. */
export function headOfAnswer(headers: Headers): string {
  return `HTTP/1.1 200 OK\r\n${linesOf(headers, header => OF_THE_ANSWER.includes(header))}`
}

/** What is said to one connection with each answer, up to the end of the head. */
export function restOfHead(headers: Headers, keepAliveMs: number): string {
  const own = linesOf(headers, header => !OF_THE_ANSWER.includes(header))
  return `${own}connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`
}

function linesOf(headers: Headers, which: (header: string) => boolean): string {
  return Object.entries(headers)
    .filter(([header]) => which(header))
    .map(([header, value]) => `${header}: ${value}\r\n`)
    .join('')
}
