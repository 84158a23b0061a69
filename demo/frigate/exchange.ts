import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Identity } from '../loopback-server.ts'
import type { Household } from './household.ts'
import type { Media } from './media.ts'
import type { FrigateVersion } from './shapes.ts'

export interface FrigateOptions {
  readonly version: FrigateVersion
  readonly household: Household
  readonly media: Media
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  /** Speaks TLS with this. */
  readonly identity?: Identity
  /** Plays the authenticated port 8971: everything but the login needs its token. */
  readonly login?: { readonly user: string; readonly password: string; readonly lifeSeconds: number }
}

/** What answers are made of. */
export interface Played {
  readonly options: FrigateOptions
  readonly household: Household
  readonly reviewed: Set<string>
  readonly frameRates: ReadonlyMap<string, number>
  readonly clipPaused: boolean
  readonly loginsSince: number
}

export interface Exchange {
  readonly frigate: Played
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** What the groups of the route's pattern matched. */
  readonly groups: readonly string[]
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function missing(response: ServerResponse, message: string) {
  json(response, { success: false, message }, 404)
}
