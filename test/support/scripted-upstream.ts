import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A body, or what answers. */
export type Answer =
  | string
  | Buffer
  | ((response: ServerResponse, url: URL, request: IncomingMessage) => void)

export type Answers = Readonly<Record<string, Answer>>

/** A go2rtc or Frigate that answers as a test says, by path, and 404 anywhere else; ended with the test. */
export async function startScripted(t: Test, answers: Answers): Promise<URL> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://upstream')
    const answer = answers[url.pathname]
    if (typeof answer === 'function') answer(response, url, request)
    else response.writeHead(answer === undefined ? 404 : 200).end(answer)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** Answers with this type, whatever is in it. */
export function typed(type: string, body: string | Buffer): Answer {
  return response => response.writeHead(200, { 'content-type': type }).end(body)
}
