import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/setting.ts'

/** The whole server on a port of its own, closed with the test. Nothing is listened to until `listen()`. */
export async function startApp(t: Test, env: Environment = {}) {
  const dir = t.testdir({})
  const config = readConfig({ HOST: '127.0.0.1', PORT: '0', DATABASE_PATH: `${dir}/camgate.db`, ...env })
  const app = buildApp(config)
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, origin }
}
