import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { buildApp } from '../app.ts'
import { readConfig } from '../src/config/config.ts'
import { BUNDLED_CAMERAS } from './footage/bundled.ts'
import { writeBundledMedia } from './frigate/bundled-media.ts'
import { Frigate } from './frigate/frigate.ts'
import { sampleHousehold } from './frigate/household.ts'
import { bundledStreams } from './go2rtc/cameras.ts'
import { Go2rtc } from './go2rtc/go2rtc.ts'

/** A running demo: where it is, how to get in, and how to end all of it. */
export interface Demo {
  readonly origin: string
  readonly username: string
  readonly password: string
  close(): Promise<void>
}

const CAMERAS = Object.fromEntries(BUNDLED_CAMERAS.map(camera => [camera, { zones: [camera] }]))
/** One every ten minutes. */
const EVENTS = 144

/**
 * The real server in front of the stand-ins, with its database in a temporary folder. Of the environment only
 * HOST, PORT and LOG_LEVEL count. Rejects with the system's error (EADDRINUSE) or BAD_SETTING, everything undone.
 */
export async function startDemo(env: NodeJS.ProcessEnv): Promise<Demo> {
  const undo = new AsyncDisposableStack()
  try {
    const username = 'demo'
    const password = `Demo-${randomBytes(4).toString('hex')}`
    const folder = await mkdtemp(join(tmpdir(), 'camgate-demo-'))
    undo.defer(() => rm(folder, { recursive: true, force: true }))
    const go2rtc = new Go2rtc({ streams: bundledStreams() })
    const frigate = new Frigate({
      version: '0.17',
      household: sampleHousehold(CAMERAS, undefined, EVENTS),
      media: await writeBundledMedia(folder),
    })
    for (const standIn of [go2rtc, frigate]) {
      await standIn.start()
      undo.defer(() => standIn.stop())
    }
    const config = readConfig({
      HOST: env.HOST || '127.0.0.1',
      PORT: env.PORT,
      LOG_LEVEL: env.LOG_LEVEL || 'warn',
      DATABASE_PATH: join(folder, 'camgate.db'),
      GO2RTC_HOST: go2rtc.origin,
      FRIGATE_HOST: frigate.origin,
      ADMIN_USERNAME: username,
      ADMIN_PASSWORD: password,
      BCRYPT_ROUNDS: '4',
      SHUTDOWN_SECONDS: '2',
    })
    const app = buildApp(config, { logger: pino({ level: config.server.logLevel }) })
    undo.defer(() => app.close())
    const { host, port } = config.server
    const origin = await app.listen({ host, port })
    return { origin, username, password, close: () => undo.disposeAsync() }
  } catch (error) {
    await undo.disposeAsync()
    throw error
  }
}
