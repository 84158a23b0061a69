import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { collectRoutes } from '../openapi/collect.ts'
import { describe, isOfApi } from '../openapi/document.ts'

t.test('openapi.json is not what the routes say: run "npm run openapi" and commit it', async t => {
  const written = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'))
  t.same(written, JSON.parse(JSON.stringify(describe(await collectRoutes()))))
})

t.test('a route says neither what it is for nor what it answers', async t => {
  for (const route of (await collectRoutes()).filter(isOfApi)) {
    const { summary, response, produces } = (route.schema ?? {}) as Record<string, unknown>
    const isWebSocket = route.config?.websocket === true
    t.ok(summary, `${route.method} ${route.url} has a summary`)
    t.ok(response || produces || isWebSocket, `${route.method} ${route.url} says what it answers`)
  }
})

t.test('what is described would not be read by a client generator', async t => {
  const { paths, openapi } = describe(await collectRoutes())
  t.equal(openapi, '3.1.0')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
  )
  t.ok(operations.length > 40, `${operations.length} operations`)
  for (const { path, method, parameters = [], responses } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = parameters.filter(parameter => parameter.in === 'path').map(({ name }) => name)
    t.same(declared, named, `${method} ${path} declares its parameters`)
    t.ok(responses.default, `${method} ${path} says what errors look like`)
  }
})

t.test('an operation does not say who may call it, how it fails, or what it looks like', async t => {
  const { paths } = describe(await collectRoutes())
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`
      const { security, parameters = [], requestBody, responses, ...rest } = operation as Operation
      t.ok(Array.isArray(security), `${name} names its security`)
      const expected = [
        ...(security.length > 0 && !('handle' in security[0]!) ? ['401', '503'] : []),
        ...('x-scope' in rest && /active|admin/.test(String(rest['x-scope'])) ? ['403'] : []),
        ...(requestBody ? ['400'] : []),
        'default',
      ]
      for (const status of expected) t.ok(responses[status], `${name} may answer ${status}`)
      for (const [status, { content }] of Object.entries(responses))
        if (!(Number(status) < 400))
          t.ok(content?.['application/json']?.example, `${name} shows what ${status} looks like`)
      t.match(rest['x-codeSamples'], [{ source: /^(curl|websocat) / }], `${name} shows how it is called`)

      const shown = [
        ...parameters.map(({ name, schema, example }) => ({ what: name, schema, example })),
        ...[requestBody, ...Object.values(responses)].flatMap(part =>
          Object.entries(part?.content ?? {}).flatMap(([type, media]) =>
            type === 'application/json' ? [{ what: type, ...media }] : [],
          ),
        ),
      ]
      for (const { what, schema, example } of shown) {
        t.ok(example !== undefined, `${name}: an example of ${what}`)
        if (!('$ref' in schema))
          t.ok(Value.Check(schema, example), `${name}: ${what} ${JSON.stringify(example)} is one`)
      }
    }
})

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: TSchema; readonly example?: unknown }>>
}

interface Operation {
  readonly security: readonly Readonly<Record<string, unknown>>[]
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly schema: TSchema
    readonly example: unknown
  }[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
  readonly 'x-codeSamples'?: unknown
}
