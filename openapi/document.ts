import { createRequire } from 'node:module'
import type { RouteOptions } from 'fastify'
import { ErrorReply } from '../routes/schemas/errors.ts'
import type { Scope } from '../routes/scopes.ts'
import { errorResponse } from './errors.ts'
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
  handle: {
    403: 'The handle is that of another user than the token beside it',
    404: 'The handle is unknown, has ended, or opens this no more',
  },
  session: { 401: 'Log in again', 503: 'Busy: come again after `Retry-After`' },
  active: {
    401: 'Log in again',
    403: 'The account is disabled',
    503: 'Busy: come again after `Retry-After`',
  },
  admin: {
    401: 'Log in again',
    403: 'Not an administrator, or a disabled account',
    503: 'Busy: come again after `Retry-After`',
  },
}
/** Parts of the API that are answered with what go2rtc or Frigate says. */
const OF_UPSTREAMS: ReadonlySet<string> = new Set(
  'cameras events frigate go2rtc hls live recordings review reviews exports ws'.split(' '),
)
const UPSTREAM_FAILS = {
  502: 'go2rtc or Frigate cannot be reached, refuses, or cannot be understood',
  503: 'Busy: come again after `Retry-After`',
  504: 'go2rtc or Frigate does not answer in time',
}
const TOO_MANY = { 429: 'Too many requests: come again after `Retry-After`' }

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
    ...(schema.body ? { requestBody: { content: json(schema.body, route.url) } } : {}),
    'x-codeSamples': [{ lang: 'Shell', source: curl(route, schema, scope) }],
    responses: responses(route, schema, scope),
  }
}

function security({ config }: RouteOptions, scope: Scope) {
  if (scope === 'open') return []
  if (scope === 'handle') return [{ handle: [] }]
  return config?.media ? [{ session: [] }, { mediaToken: [] }] : [{ session: [] }]
}

function parameters(url: string, { params, querystring }: RouteSchema) {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => {
    const schema = params?.properties?.[name!] ?? { type: 'string' }
    return { name, in: 'path', required: true, schema, example: exampleOf(schema, name!, url) }
  })
  const inQuery = Object.entries(querystring?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: (querystring?.required?.includes(name) ?? false) && schema.default === undefined,
    ...(schema.description ? { description: schema.description } : {}),
    schema,
    example: exampleOf(schema, name, url),
  }))
  return [...inPath, ...inQuery]
}

function responses(route: RouteOptions, schema: RouteSchema, scope: Scope) {
  const isWebSocket = route.config?.websocket === true
  const declared = Object.entries(schema.response ?? {})
  const found: Record<string, unknown> = {}
  if (isWebSocket) found['101'] = { description: 'The WebSocket is open' }
  else if (schema.produces && !declared.some(([status]) => status === '201'))
    found['200'] = {
      description: 'Success',
      content: Object.fromEntries(schema.produces.map(type => [type, {}])),
    }
  for (const [status, content] of declared)
    if (Number(status) < 400)
      found[status] = { description: 'Success', content: successContent(content, schema, route.url) }
  const limited = route.url.startsWith('/api/') && !route.config?.media && scope !== 'handle'
  const errors: Record<string, string> = {
    ...(route.method !== 'GET' || schema.params || schema.querystring
      ? { 400: 'Not as described here' }
      : {}),
    ...(schema.params ? { 404: 'There is none, or none that you may see' } : {}),
    ...(limited ? TOO_MANY : {}),
    ...refusals[scope],
    ...(OF_UPSTREAMS.has(tagOf(route.url)) ? UPSTREAM_FAILS : {}),
    ...(isWebSocket ? { 426: 'Asked for without an upgrade' } : {}),
    ...Object.fromEntries(declared.filter(isError).map(([status]) => [status, 'See `code`'])),
    default: 'Any other error',
  }
  for (const [status, description] of Object.entries(errors)) {
    const own = schema.response?.[status]
    found[status] =
      own && own !== ErrorReply
        ? { description, content: json(own, route.url) }
        : errorResponse(status, description)
  }
  return found
}

/** Text is described where the reply is not JSON, for its serialiser; it has no example of its own. */
function successContent(content: Schema, { produces }: RouteSchema, url: string) {
  if (content.content)
    return Object.fromEntries(
      Object.entries(content.content).map(([type, { schema }]) => [type, media(type, schema, url)]),
    )
  if (content.type === 'string' && produces) return { [produces[0]!]: { schema: content } }
  return json(content, url)
}

function isError([status]: [string, Schema]): boolean {
  return Number(status) >= 400
}

/** How the operation is called from a shell, with the token of a login in `$TOKEN`. */
function curl(route: RouteOptions, { params, querystring, body }: RouteSchema, scope: Scope): string {
  const { url } = route
  const path = url
    .replace(/\/$/, '')
    .replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(String(exampleOf(params?.properties?.[name] ?? { type: 'string' }, name, url))),
    )
  const required = Object.entries(querystring?.properties ?? {})
    .filter(([name, schema]) => querystring?.required?.includes(name) && schema.default === undefined)
    .map(([name, schema]) => `${name}=${encodeURIComponent(String(exampleOf(schema, name, url)))}`)
  const isWebSocket = route.config?.websocket === true
  const method = [route.method].flat()[0]
  return [
    isWebSocket ? 'websocat' : 'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    ...(scope === 'open' || scope === 'handle' ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body
      ? ["-H 'content-type: application/json'", `-d '${JSON.stringify(exampleOf(body, '', url))}'`]
      : []),
    `${isWebSocket ? 'ws' : 'http'}://localhost:5003${path}${required.length > 0 ? `?${required.join('&')}` : ''}`.replace(
      /^(.*\?.*)$/,
      "'$1'",
    ),
  ].join(' ')
}

function json(schema: Schema, url: string) {
  return { 'application/json': media('application/json', schema, url) }
}

function media(type: string, schema: Schema, url: string) {
  return type === 'application/json' ? { schema, example: exampleOf(schema, '', url) } : { schema }
}

/** `/api/admin/users` → `admin`. */
function tagOf(url: string): string {
  const [first = '', second = ''] = url.split('/').filter(Boolean)
  return first === 'api' ? second.replace(/^camera$/, 'cameras') : first
}
