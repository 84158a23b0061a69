import { join } from 'node:path'
import type { RouteOptions } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/setting.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The administrator of every test server. */
export const ADMIN = { username: 'admin', password: 'Correct-Horse-7' }

/** The whole server on a port of its own, closed with the test. Nothing is listened to until `listen()`. */
export async function startApp(t: Test, env: Environment = {}) {
  const dir = await temporaryFolder(t)
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_PATH: join(dir, 'camgate.db'),
    BCRYPT_ROUNDS: '4',
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
    ...env,
  })
  const app = buildApp(config)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', route => {
    routes.push(route)
  })
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, origin, routes }
}
