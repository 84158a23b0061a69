import { realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve, sep } from 'node:path'
import helmet from '@fastify/helmet'
import send from '@fastify/send'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Paths that are never a page: what is not registered there stays a JSON 404. */
const NOT_PAGES = /^\/(?:api|live|health|ready|metrics)(?:\/|$)/

/** Build tools put a hash of the content into the names of assets, so that such a file never changes. */
const HASH = /^[\w-]{8,}$/

/**
 * The page at `/`: the built-in one, or a built PWA where `WEB_ROOT` says so, whose own routes
 * (`/events`, `/settings/users`) get its `index.html` when a browser navigates to them.
 */
export default async function pages(app: FastifyInstance) {
  await app.register(helmet, app.pageHeaders)
  const page = { config: { page: true } }
  const pwa = app.config.server.webRoot
  const root = pwa === undefined ? join(app.home, 'public') : resolve(pwa)

  if (pwa === undefined) {
    const uplot = join(createRequire(import.meta.filename).resolve('uplot'), '..')
    app.get('/vendor/uplot.js', page, (request, reply) => sendFile(request, reply, uplot, '/uPlot.esm.js'))
    app.get('/vendor/uplot.css', page, (request, reply) => sendFile(request, reply, uplot, '/uPlot.min.css'))
  }

  app.get('/*', page, (request, reply) => {
    const [path = ''] = request.url.split(/[?#]/, 1)
    if (NOT_PAGES.test(path)) return reply.callNotFound()
    const fallback = pwa !== undefined && isNavigation(request) ? '/index.html' : undefined
    return sendFile(request, reply, root, path, fallback)
  })
}

/** Answers with a file below `root`, with the fallback where there is none, else with the JSON 404. Links lead nowhere else. */
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  root: string,
  path: string,
  fallback?: string,
): Promise<FastifyReply> {
  const file = await send(request.raw, path, {
    root,
    dotfiles: 'ignore',
    cacheControl: false,
    acceptRanges: false,
  })
  if (file.type === 'file' && (await isBelow(root, file.metadata.path)))
    return reply
      .code(file.statusCode)
      .headers(file.headers)
      .header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
      .send(file.stream)
  file.stream.destroy()
  if (file.type === 'error' && file.statusCode === 412) throw file.metadata.error
  if (fallback !== undefined) return sendFile(request, reply, root, fallback)
  reply.callNotFound()
  return reply
}

/** Whether it is such a name: `/assets/index-BX3f_9a1.js`, `/assets/main.5d41402a.css`. */
function isHashed(path: string): boolean {
  const stem = path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('.'))
  const separator = Math.max(stem.indexOf('-'), stem.lastIndexOf('.'))
  return path.startsWith('/assets/') && separator !== -1 && HASH.test(stem.slice(separator + 1))
}

/** Whether a file is in a folder, wherever links lead. */
async function isBelow(root: string, path: string): Promise<boolean> {
  const [folder, file] = await Promise.all([realpath(root), realpath(path)])
  return file.startsWith(folder + sep)
}

/** Whether a person opened this address, rather than a script or a tag fetching something. */
function isNavigation(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false
}
