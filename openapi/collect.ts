import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteOptions } from 'fastify'
import { buildApp } from '../app.ts'
import { readConfig } from '../src/config/config.ts'

/** Every route of the server, as registered; the server itself is not listened to. */
export async function collectRoutes(): Promise<RouteOptions[]> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-openapi-'))
  const config = readConfig({
    DATABASE_PATH: join(folder, 'camgate.db'),
    ADMIN_PASSWORD: 'Never-Used-1',
    BCRYPT_ROUNDS: '4',
    WEBRTC: 'relay',
  })
  const routes: RouteOptions[] = []
  const app = buildApp(config)
  try {
    app.addHook('onRoute', route => {
      routes.push(route)
    })
    await app.ready()
    return routes
  } finally {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  }
}
