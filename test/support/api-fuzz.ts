import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { Schema } from '../../openapi/example.ts'
import type { Chooser } from './fuzz.ts'

interface Media {
  readonly schema?: TSchema & { readonly $ref?: string }
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Schema & { readonly pattern?: string; readonly maxLength?: number }
    readonly example: unknown
  }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema; readonly example: unknown }>>
  }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
}

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: { Error: TSchema } }
}

export interface Described extends Operation {
  readonly method: string
  readonly path: string
}

/** Every operation of `openapi.json`. */
export const operations: readonly Described[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    method: method.toUpperCase(),
    path,
  })),
)

/** How far what is sent may be from what is described. */
export type Manner = 'valid' | 'nearly valid' | 'wild'

const WILD_TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    '%',
    '%00',
    '../',
    '..\\',
    '"',
    "'",
    '\r\n',
    '\u202e',
    '\ud800',
    '😀',
    'null',
    '[object Object]',
    '__proto__',
  ],
  ...[
    '-1',
    '0',
    '1e309',
    '9007199254740993',
    'NaN',
    '0x10',
    'true',
    '{}',
    '[]',
    'x'.repeat(300),
    'é'.repeat(129),
    'a,b,,c',
    'all',
  ],
]
const WILD: readonly unknown[] = [
  ...WILD_TEXTS,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  [[]],
  { a: [null] },
]

/** A value for a schema; `name` finds the names that there are in `words`. */
function valueFor(schema: Schema, name: string, words: Words, manner: Manner, choose: Chooser): unknown {
  if (manner === 'wild' && choose.chance(0.5)) return choose.of(WILD)
  if (manner === 'nearly valid' && choose.chance(0.15)) return choose.of(WILD)
  if ('const' in schema) return schema.const
  if (schema.enum) return choose.of(schema.enum)
  if (schema.anyOf) return valueFor(choose.of(schema.anyOf), name, words, manner, choose)
  const { minimum = 0, maximum = 2 ** 31 } = schema
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
          (schema.required?.includes(key) && manner === 'valid') || choose.chance(0.7)
            ? [[key, valueFor(property, key, words, manner, choose)]]
            : [],
        ),
      )
    case 'array':
      return schema.items
        ? Array.from({ length: 1 + choose.upTo(3) }, () =>
            valueFor(schema.items!, name, words, manner, choose),
          )
        : []
    case 'integer':
      return choose.of([minimum, Math.min(maximum, minimum + choose.upTo(100)), Math.min(maximum, 1e9)])
    case 'number':
      return Math.min(maximum, minimum + choose.next() * choose.of([1, 100, 1e9]))
    case 'boolean':
      return choose.chance(0.5)
    case 'null':
      return null
    default:
      return choose.of(words[name] ?? words.other ?? [])
  }
}

/** What parameters and members are filled with, by their name. */
export type Words = Readonly<Record<string, readonly string[]>>

export interface Call {
  readonly method: string
  readonly url: string
  readonly body: string | null
  readonly operation: Described
}

/** One call of an operation. */
export function callOf(operation: Described, words: Words, manner: Manner, choose: Chooser): Call {
  let url = operation.path
  const query: string[] = []
  for (const { name, in: where, required, schema } of operation.parameters ?? []) {
    if (where === 'query' && !(required && manner === 'valid') && !choose.chance(0.4)) continue
    const key = where === 'path' && name === 'id' ? `${name} of ${operation.path}` : name
    const chosen = valueFor(schema, words[key] ? key : name, words, manner, choose)
    const text = typeof chosen === 'string' ? chosen : JSON.stringify(chosen)
    if (where === 'path') url = url.replace(`{${name}}`, encoded(text) || 'x')
    else query.push(`${encoded(name)}=${encoded(text)}`)
    if (where === 'query' && manner === 'wild' && choose.chance(0.2)) query.push(`${encoded(name)}=again`)
  }
  if (manner === 'wild' && choose.chance(0.2))
    query.push(`${encoded(choose.of(WILD_TEXTS))}=${encoded(choose.of(WILD_TEXTS))}`)
  const schema = operation.requestBody?.content['application/json']?.schema
  let body: string | null = null
  if (operation.method !== 'GET') {
    body = schema ? JSON.stringify(valueFor(schema, '', words, manner, choose)) : choose.of(['', '{}'])
    if (manner === 'wild' && choose.chance(0.2)) body = body.slice(0, choose.upTo(body.length + 1))
  }
  return {
    method: operation.method,
    url: query.length > 0 ? `${url}?${query.join('&')}` : url,
    body,
    operation,
  }
}

/** As in an address, also what is no whole character. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** Why an answer is not as described; undefined if it is. */
export function objectionTo(
  { operation, url, body }: Call,
  { status, type, text }: { status: number; type: string; text: string | undefined },
): string | undefined {
  const said = `${operation.method} ${url} ${body ?? ''} answers ${status} ${type}: ${text?.slice(0, 300)}`
  const declared = operation.responses[String(status)]
  if (!declared) return `undeclared: ${said}`
  const content = declared.content ?? {}
  const media = Object.entries(content).find(([name]) => type.startsWith(name))?.[1]
  if (!media) return Object.keys(content).length === 0 && !text ? undefined : `another type: ${said}`
  if (!media.schema || text === undefined || !type.startsWith('application/json')) return undefined
  const schema = media.schema.$ref ? document.components.schemas.Error : media.schema
  return Value.Check(schema, JSON.parse(text)) ? undefined : `another shape: ${said}`
}
