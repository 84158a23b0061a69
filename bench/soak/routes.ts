import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Call } from './caller.ts'
import { CAMERAS } from './house.ts'

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}
interface Schema {
  readonly type?: string
  readonly examples?: readonly object[]
  readonly anyOf?: readonly { readonly const?: string }[]
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** How a route is asked: as its description says, or in a way that it does not allow. */
export type Manner = 'valid' | 'invalid'

export interface Route {
  readonly method: string
  /** As `openapi.json` names it. */
  readonly route: string
  fill(manner: Manner): Pick<Call, 'path' | 'body'>
}

/** What ends only when somebody leaves: watched (`streams.ts`) instead of asked. */
const ENDLESS = /^(video\/mp4|multipart\/|text\/event-stream)/
/** What would end the session that everybody asks with, or stop the world each time. */
const NOT_AT_RANDOM = new Set(['POST /api/auth/logout', 'POST /api/debug/memory/cleanup'])
const JUNK = ['x'.repeat(5000), '..%2f..%2fetc', '%00', '-1', 'no-such-thing', "'--"]

/** Every route of `openapi.json` that answers and is done. */
export function readRoutes(events: readonly string[]): Route[] {
  const file = new URL('../../openapi.json', import.meta.url)
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as Description
  return Object.entries(paths).flatMap(([route, operations]) =>
    Object.entries(operations).flatMap(([verb, operation]) => {
      const method = verb.toUpperCase()
      if (NOT_AT_RANDOM.has(`${method} ${route}`) || isStream(operation)) return []
      return { method, route, fill: manner => fill(route, operation, manner, events) }
    }),
  )
}

function isStream({ responses }: Operation): boolean {
  const types = Object.keys(responses['200']?.content ?? {})
  return '101' in responses || types.some(type => ENDLESS.test(type))
}

function fill(route: string, operation: Operation, manner: Manner, events: readonly string[]) {
  const { parameters = [], requestBody } = operation
  const query = parameters
    .filter(parameter => parameter.in === 'query' && randomInt(3) === 0)
    .map(({ name, schema }) => `${name}=${manner === 'valid' ? exampleOf(schema) : pick(JUNK)}`)
  const path = route.replace(/\{\w+\}/g, () => (manner === 'valid' ? subjectOf(route, events) : pick(JUNK)))
  const example = requestBody?.content['application/json']?.schema.examples?.[0]
  return {
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    body: requestBody === undefined ? undefined : manner === 'valid' ? (example ?? {}) : '{"half":',
  }
}

/** What a path of the route names. */
function subjectOf(route: string, events: readonly string[]): string {
  if (route.includes('/events/')) return pick(events)
  if (/camera|recordings|go2rtc/.test(route) && !route.includes('/users/')) return pick(CAMERAS)
  return '99999'
}

function exampleOf({ type, anyOf }: Schema): string {
  if (type === 'integer' || type === 'number') return '1'
  if (type === 'boolean') return 'true'
  return anyOf?.[0]?.const ?? CAMERAS[0]
}

function pick<T>(values: readonly T[]): T {
  return values[randomInt(values.length)]!
}
