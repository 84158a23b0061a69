import { builtinModules } from 'node:module'
import { join } from 'node:path'
import type { OnResolveArgs, Plugin } from 'esbuild'

const slim = (file: string) => ({ path: join(import.meta.dirname, 'slim', file) })

/** What packages load at their start and the server never uses: megabytes that would stay. */
export const slimPackages: Plugin = {
  name: 'slim-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, () => slim('undici.cjs'))
    onResolve({ filter: /client-h2\.js$/ }, () => slim('undici-h2.cjs'))
    onResolve({ filter: /^node:http2$/ }, () => slim('http2.cjs'))
    onResolve({ filter: /^node:https$/ }, ({ importer }: OnResolveArgs) =>
      importer.includes('@fastify/reply-from') ? slim('https.cjs') : undefined,
    )
  },
}

/** Packages ask for these when they are loaded and use them only where TLS is spoken, which brings OpenSSL's half of Node, or something is compressed. */
const RARELY_USED = /^(node:)?(tls|https|zlib)$/

/**
 * An ES import of one of Node's modules reads everything that the module offers, lazy parts included: `node:http` then
 * loads Node's own fetch, `node:crypto` all of Web Crypto. Asked for directly they stay lazy.
 */
export const lazyNode: Plugin = {
  name: 'lazy-node',
  setup({ onResolve, onLoad }) {
    const isNode = new Set(builtinModules)
    onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path }) =>
      path.startsWith('node:') || isNode.has(path) ? { path, namespace: 'node' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => {
      const module = `process.getBuiltinModule(${JSON.stringify(path)})`
      const exports = RARELY_USED.test(path) ? `new Proxy({}, { get: (_, name) => ${module}[name] })` : module
      return { contents: `module.exports = ${exports}` }
    })
  },
}
