import type { Container } from '../../json/member-splitter.ts'
import type { MembersLimits } from '../../json/members.ts'
import type { MediaType } from '../../upstream/media-type.ts'
import type { Purpose } from './pools.ts'

export type Query = Readonly<Record<string, string | number | undefined>>

/** What is asked of Frigate, beside the path. */
export interface FrigateRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of the client that asks: aborted when it is gone. */
  readonly signal?: AbortSignal | undefined
  /** `queries` unless it is set. */
  readonly purpose?: Purpose
  /** What an answer with a body is: another is refused. */
  readonly type?: MediaType
  /** Until the headers of the answer are here, in milliseconds. */
  readonly timeoutMs?: number
}

/** Which members of a JSON answer are wanted, and how large they may be. */
export interface MembersRequest extends FrigateRequest {
  readonly container: Container
  readonly limits: MembersLimits
}
