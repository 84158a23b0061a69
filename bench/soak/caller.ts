import { Agent, request } from 'undici'

/** A client waits no longer than this for an answer, and for each piece of it, in milliseconds. */
const ANSWER_MS = 5000

export interface RequestCounts {
  requests: number
  /** Answers of 500: none is right, whatever is asked. */
  faults: number
  /** Answers by class of status. */
  readonly byStatus: Record<string, number>
  /** Answers by route as `openapi.json` names it, and by class of status. */
  readonly byRoute: Record<string, Record<string, number>>
}

export interface Call {
  readonly method: string
  /** As `openapi.json` names it. */
  readonly route: string
  readonly path?: string
  readonly token?: string | undefined
  /** Sent as it is when it is text. */
  readonly body?: object | string | undefined
  /** The address that a proxy in front claims. */
  readonly from?: string
}

/** One connection that asks one thing after another and counts the answers. */
export class Caller {
  readonly #agent = new Agent({ connections: 1, pipelining: 1 })
  readonly #origin: string
  readonly #counts: RequestCounts

  constructor(origin: string, counts: RequestCounts) {
    this.#origin = origin
    this.#counts = counts
  }

  /** The whole answer; `undefined` where there was none. */
  async call<T>({ method, route, path = route, token, body, from }: Call): Promise<T | undefined> {
    this.#counts.requests++
    try {
      const reply = await request(`${this.#origin}${path}`, {
        dispatcher: this.#agent,
        headersTimeout: ANSWER_MS,
        bodyTimeout: ANSWER_MS,
        method: method as 'GET',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(from === undefined ? {} : { 'x-forwarded-for': from }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await reply.body.text()
      this.#count(`${method} ${route}`, `${Math.floor(reply.statusCode / 100)}xx`)
      if (reply.statusCode === 500) this.#counts.faults++
      return text.startsWith('{') ? (JSON.parse(text) as T) : undefined
    } catch {
      this.#count(`${method} ${route}`, 'none')
      return undefined
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  #count(route: string, status: string): void {
    const { byStatus, byRoute } = this.#counts
    byStatus[status] = (byStatus[status] ?? 0) + 1
    byRoute[route] ??= {}
    byRoute[route][status] = (byRoute[route][status] ?? 0) + 1
  }
}
