import { createRequire } from 'node:module'
import type { RouteOptions } from 'fastify'
import { ErrorReply } from '../routes/schemas/errors.ts'
import type { Scope } from '../src/app.ts'
import { exampleOf, type Schema } from './example.ts'

/** What a route declares, as far as it is described. */
interface RouteSchema {
  readonly hide?: boolean
  readonly summary?: string
  readonly description?: string
  readonly produces?: readonly string[]
  readonly params?: Schema
  readonly querystring?: Schema
  readonly body?: Schema
  readonly response?: Readonly<Record<string, Schema>>
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** What a scope answers by itself, before a route is asked. */
const refusals: Readonly<Record<Scope, Readonly<Record<number, string>>>> = {
  open: {},
  handle: { 404: 'The handle is unknown, has ended, or opens this no more' },
  session: { 401: 'Log in again' },
  active: { 401: 'Log in again', 403: 'The account is disabled' },
  admin: { 401: 'Log in again', 403: 'Not an administrator, or a disabled account' },
}

/** The API as an OpenAPI 3.1 document. Routes of pages, and those that answer HEAD or OPTIONS, are not of the API. */
export function describe(routes: readonly RouteOptions[]) {
  const paths: Record<string, Record<string, unknown>> = {}
  const described = routes.filter(isOfApi).sort((a, b) => (a.url < b.url ? -1 : 1))
  for (const route of described) {
    const path = route.url.replace(/:(\w+)/g, '{$1}').replace(/\/$/, '')
    for (const method of [route.method].flat())
      if (method !== 'HEAD' && method !== 'OPTIONS')
        paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'camgate',
      version,
      description: 'The authenticated, memory-bounded front door to go2rtc and Frigate.',
    },
    paths,
    components: {
      schemas: { Error: ErrorReply },
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token of a login' },
        mediaToken: {
          type: 'apiKey',
          in: 'query',
          name: 'token',
          description: 'The token of a login, a media token or a player token; on media routes only',
        },
        handle: {
          type: 'apiKey',
          in: 'query',
          name: 'handle',
          description: 'In truth a segment of the path: playlists name addresses that hold it',
        },
      },
    },
  }
}

export function isOfApi({ url, config, method }: RouteOptions): boolean {
  const wildcard = url.includes('*')
  const headOnly = [method].flat().every(name => name === 'HEAD' || name === 'OPTIONS')
  return config?.scope !== undefined && !config.page && !wildcard && !headOnly
}

function operation(route: RouteOptions) {
  const schema = (route.schema ?? {}) as RouteSchema
  const scope = route.config?.scope ?? 'open'
  const params = parameters(route.url, schema)
  return {
    ...(schema.summary ? { summary: schema.summary } : {}),
    ...(schema.description ? { description: schema.description } : {}),
    tags: [tagOf(route.url)],
    'x-scope': scope,
    security: security(route, scope),
    ...(params.length > 0 ? { parameters: params } : {}),
    ...(schema.body ? { requestBody: { content: json(schema.body) } } : {}),
    responses: responses(route, schema, scope),
  }
}

function security({ config }: RouteOptions, scope: Scope) {
  if (scope === 'open') return []
  if (scope === 'handle') return [{ handle: [] }]
  return config?.media ? [{ session: [] }, { mediaToken: [] }] : [{ session: [] }]
}

function parameters(url: string, { params, querystring }: RouteSchema) {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: params?.properties?.[name!] ?? { type: 'string' },
  }))
  const inQuery = Object.entries(querystring?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: (querystring?.required?.includes(name) ?? false) && schema.default === undefined,
    ...(schema.description ? { description: schema.description } : {}),
    schema,
  }))
  return [...inPath, ...inQuery]
}

function responses(route: RouteOptions, schema: RouteSchema, scope: Scope) {
  const found: Record<string, unknown> = {}
  const isWebSocket = 'websocket' in route && route.websocket === true
  if (isWebSocket) found['101'] = { description: 'The WebSocket is open' }
  for (const [status, content] of Object.entries(schema.response ?? {}))
    if (Number(status) < 400) found[status] = { description: 'Success', content: json(content) }
  const declared = Object.keys(schema.response ?? {}).filter(status => Number(status) >= 400)
  if (Object.keys(found).length === 0 && declared.length === 0)
    found['200'] = {
      description: 'Success',
      content: Object.fromEntries((schema.produces ?? ['application/octet-stream']).map(type => [type, {}])),
    }
  const invalid = schema.params || schema.querystring || schema.body ? { 400: 'Not as described here' } : {}
  const missing = schema.params ? { 404: 'There is none, or none that you may see' } : {}
  const errors: Record<string, string> = {
    ...invalid,
    ...missing,
    ...refusals[scope],
    ...Object.fromEntries(declared.map(status => [status, 'See `code`'])),
  }
  for (const [status, description] of [...Object.entries(errors), ['default', 'Any other error'] as const])
    found[status] = { description, content: { 'application/json': { schema: reference } } }
  return found
}

const reference = { $ref: '#/components/schemas/Error' }

function json(schema: Schema) {
  return { 'application/json': { schema, example: exampleOf(schema) } }
}

/** `/api/admin/users` → `admin`. */
function tagOf(url: string): string {
  const [first = '', second = ''] = url.split('/').filter(Boolean)
  return first === 'api' ? second.replace(/^camera$/, 'cameras') : first
}
