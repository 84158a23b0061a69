/** A JSON Schema, as far as it is looked at here. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly description?: string
}

/** An instance of a schema: the one that it gives itself, else one put together from its parts. */
export function exampleOf(schema: Schema): unknown {
  if (schema.examples?.length) return schema.examples[0]
  if ('const' in schema) return schema.const
  if (schema.default !== undefined) return schema.default
  if (schema.anyOf?.[0]) return exampleOf(schema.anyOf[0])
  switch (schema.type) {
    case 'object':
      return exampleObject(schema)
    case 'array':
      return schema.items ? [exampleOf(schema.items)] : []
    case 'integer':
      return Math.max(1, schema.minimum ?? 1)
    case 'number':
      return Math.max(1.5, schema.minimum ?? 0)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'text'
  }
}

function exampleObject({ properties = {}, patternProperties = {} }: Schema): Record<string, unknown> {
  const named = Object.entries(properties).map(([name, property]) => [name, exampleOf(property)])
  const others = Object.values(patternProperties).map(property => ['Front_Door', exampleOf(property)])
  return Object.fromEntries([...named, ...others])
}
