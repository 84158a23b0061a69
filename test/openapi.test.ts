import { readFile } from 'node:fs/promises'
import t from 'tap'
import { collectRoutes } from '../openapi/collect.ts'
import { describe, isOfApi } from '../openapi/document.ts'

t.test('openapi.json is not what the routes say: run "npm run openapi" and commit it', async t => {
  const written = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'))
  t.same(written, JSON.parse(JSON.stringify(describe(await collectRoutes()))))
})

t.test('a route says neither what it is for nor what it answers', async t => {
  for (const route of (await collectRoutes()).filter(isOfApi)) {
    const { summary, response, produces } = (route.schema ?? {}) as Record<string, unknown>
    const isWebSocket = 'websocket' in route && route.websocket === true
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

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly responses: Readonly<Record<string, unknown>>
}
