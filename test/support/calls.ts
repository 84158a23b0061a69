import type { RouteOptions } from 'fastify'

export interface Call {
  readonly method: string
  readonly path: string
  readonly websocket: boolean
}

/** Every way to call these routes with the given values for their parameters and queries. */
export function callsOf(
  routes: readonly RouteOptions[],
  values: { readonly params: readonly string[]; readonly queries: readonly string[] },
): Call[] {
  return routes.flatMap(route => {
    const names = route.url.match(/:\w+|\*/g) ?? []
    const paths = names.length === 0 ? [route.url] : values.params.map(value => fill(route.url, value))
    const websocket = route.config?.websocket === true
    return [route.method]
      .flat()
      .flatMap(method =>
        paths.flatMap(path => values.queries.map(query => ({ method, path: path + query, websocket }))),
      )
  })
}

function fill(url: string, value: string): string {
  return url.replace(/:\w+/g, encodeURIComponent(value)).replace('*', '')
}
