import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { runServer } from '../../bench/process/server.ts'
import { soak } from '../../bench/soak/run.ts'
import { complaints } from '../../bench/soak/verdict.ts'
import { synthetic } from '../../demo/footage/synthetic.ts'
import type { Leak } from './leaks.ts'
import { startLive, TestPlayer } from './live-server.ts'
import { until } from './until.ts'

/** From the sources a server has some 130 MB at rest, and up to 170 under this load. */
const WATCHDOG = {
  MEMORY_SAMPLE_SECONDS: '1',
  MEMORY_TRIM_MB: '200',
  MEMORY_SHED_MB: '220',
  MEMORY_RESTART_MB: '240',
}

/** A server where somebody has watched and is gone. */
export async function visited(t: Test, prepare: (app: FastifyInstance) => void = () => {}) {
  const { app, origin, user } = await startLive(t, {
    env: { LIVE_LINGER_SECONDS: '0' },
    streams: { Synthetic: [synthetic()] },
    prepare,
  })
  const player = await new TestPlayer(`${origin}/api/ws?src=Synthetic&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  player.ws.close()
  return app
}

/** Soaks a server with a leak in it for a few seconds: what is complained about, and what the watchdog did. */
export async function soakWith(leak: Leak) {
  const report = await soak({
    seconds: 8,
    restSeconds: 3,
    start: (go2rtc, env) =>
      runServer(go2rtc, { ...env, ...WATCHDOG, SABOTAGE: leak }, 'test/support/sabotaged-server.ts'),
  })
  return { found: complaints(report, { slopeMb: 20 }), actions: report.watchdog.counts }
}
