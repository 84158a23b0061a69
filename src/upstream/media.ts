import type { Readable } from 'node:stream'

/** Of a client that wants media. */
export interface MediaRequest {
  readonly method: 'GET' | 'HEAD'
  readonly range?: string | undefined
  readonly ifRange?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
}

export interface MediaReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: Readable
}
