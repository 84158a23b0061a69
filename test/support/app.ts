import { join } from 'node:path'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../../app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/setting.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { watchBudget } from './budget.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The administrator of every test server. */
export const ADMIN = { username: 'admin', password: 'Correct-Horse-7' }

/** The whole server on a port of its own, closed with the test; `prepare` may add to it before it listens. */
export async function startApp(
  t: Test,
  env: Environment = {},
  prepare: (app: FastifyInstance) => void = () => {},
) {
  const dir = await temporaryFolder(t)
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_PATH: join(dir, 'camgate.db'),
    BCRYPT_ROUNDS: '4',
    SHUTDOWN_SECONDS: '1',
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
    ...env,
  })
  const app = buildApp(config)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', route => {
    routes.push(route)
  })
  prepare(app)
  t.teardown(async () => {
    await app.close()
    await released(app.ledger)
    const left = app.ledger.left()
    if (Object.keys(left).length > 0) throw new Error(`left at the end: ${JSON.stringify(left)}`)
  })
  await app.ready()
  watchBudget(t, app.live.budget)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, origin, routes }
}

const RELEASE_MS = 10_000

/** Rejects when something that was acquired is not released by then; sockets report their end a little later. */
export async function released(ledger: Ledger, ms = RELEASE_MS): Promise<void> {
  const deadline = performance.now() + ms
  while (Object.keys(ledger.unreleased()).length > 0) {
    if (performance.now() > deadline) throw new Error(`not released: ${JSON.stringify(ledger.unreleased())}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
