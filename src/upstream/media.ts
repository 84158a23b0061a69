import type { MediaType } from './media-type.ts'

/** Of a client that wants media. */
export interface MediaRequest {
  readonly method: 'GET' | 'HEAD'
  readonly range?: string | undefined
  readonly ifRange?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
}

/** A body that is read into memory of the reader's, piece by piece: one page serves a client from first to last. */
export interface PulledBody {
  /** Resolves to the number of bytes that are now in `into`; 0 at the end and after `close`. */
  read(into: Buffer): Promise<number>
  /** Ends it, also while `read` waits. May be called again. */
  close(): void
}

export interface MediaReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: PulledBody
}

/** The upstream's own answer is to be handed on. */
export interface Forwarding {
  /** What to ask it for: an encoded path without a query. */
  readonly path: string
  /** What it is, whatever else the upstream may call it. */
  readonly type: MediaType
  /** Makes of its error the one to be told. */
  readonly explain: (error: unknown) => unknown
}
