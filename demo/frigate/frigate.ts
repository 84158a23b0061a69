import type { IncomingMessage, ServerResponse } from 'node:http'
import { LoopbackServer } from '../loopback-server.ts'
import { frigateRoutes } from './routes.ts'

/** Plays a small Frigate for the demo: the bundled cameras, and two days of invented events. */
export class Frigate {
  readonly #routes = frigateRoutes(Date.now() / 1000)
  readonly #server = new LoopbackServer(
    (request, response) => this.#handle(request, response),
    undefined,
    '127.0.0.1',
    0,
  )

  start(): Promise<void> {
    return this.#server.start()
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  get origin(): string {
    return this.#server.origin
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://stand-in')
    for (const [path, handler] of this.#routes) {
      const match = path.exec(pathname)
      if (!match) continue
      handler(response, match[1] ?? '', searchParams)
      return
    }
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}')
  }
}
