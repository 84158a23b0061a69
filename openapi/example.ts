import { WORDS, wordFor } from './words.ts'

/** A JSON Schema, as far as it is looked at here. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  /** Fastify's own: by media type. */
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
  readonly description?: string
}

/** An instance of a schema: the one that it gives itself, else one put together from its parts and the words for their names. */
export function exampleOf(schema: Schema, name: string, url: string): unknown {
  if (schema.examples?.length) return schema.examples[0]
  if ('const' in schema) return schema.const
  if (schema.default !== undefined) return schema.default
  if (schema.enum?.length) return schema.enum[0]
  if (schema.anyOf?.[0]) return exampleOf(schema.anyOf[0], name, url)
  switch (schema.type) {
    case 'object':
      return exampleObject(schema, url)
    case 'array':
      return schema.items ? [exampleOf(schema.items, name, url)] : []
    case 'integer':
      return Math.max(1, schema.minimum ?? 1)
    case 'number':
      return Math.min(Number(WORDS[name]) || 1.5, schema.maximum ?? Infinity)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return wordFor(name, url)
  }
}

function exampleObject(
  { properties = {}, patternProperties = {} }: Schema,
  url: string,
): Record<string, unknown> {
  const named = Object.entries(properties).map(([name, property]) => [name, exampleOf(property, name, url)])
  const others = Object.values(patternProperties).map(property => [
    'Front_Door',
    exampleOf(property, 'camera', url),
  ])
  return Object.fromEntries([...named, ...others])
}
