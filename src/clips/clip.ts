import type { Readable } from 'node:stream'

/** Of which event; `ended`: the clip will not grow any more. */
export interface ClipOwner {
  readonly id: string
  readonly ended: boolean
}

export interface ClipRequest {
  readonly method: 'GET' | 'HEAD'
  readonly range?: string | undefined
  readonly ifRange?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
}

export interface ClipReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: Readable
}

/** What the clips ask of Frigate. */
export interface ClipUpstream {
  /** Whether clips have a length and take Range by themselves. */
  takesRanges(): Promise<boolean>
  /** Frigate's own answer, the request's Range with it. */
  forward(id: string, request: ClipRequest): Promise<ClipReply>
  /** The clip from its start; `length` in bytes where Frigate says it. */
  open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly body: Readable; readonly length: number | undefined }>
}
