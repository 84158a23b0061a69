import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { runServer } from '../../bench/process/server.ts'
import { soak } from '../../bench/soak/run.ts'
import { complaints } from '../../bench/soak/verdict.ts'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { bundledServer } from './bundled-server.ts'
import type { Leak } from './leaks.ts'
import { startLive, TestPlayer } from './live-server.ts'
import { until } from './until.ts'

/** Without a leak it takes up to 70 MB under this load. */
const WATCHDOG = {
  MEMORY_SAMPLE_SECONDS: '1',
  MEMORY_TRIM_MB: '90',
  MEMORY_SHED_MB: '110',
  MEMORY_RESTART_MB: '130',
}
const NOTHING_TO_DO = { MEMORY_TRIM_MB: '2000', MEMORY_SHED_MB: '3000', MEMORY_RESTART_MB: '4000' }

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

/**
 * Soaks a server with a leak in it for a few seconds: what is complained about, and what the watchdog did. An idle
 * watchdog disconnects nobody, so that viewers who are never released are still there at the end.
 */
export async function soakWith(t: Test, leak: Leak, watchdog: 'strict' | 'idle' = 'strict') {
  const thresholds = watchdog === 'strict' ? WATCHDOG : NOTHING_TO_DO
  const program = await bundledServer(t, 'test/support/sabotaged-server.ts')
  const report = await soak({
    seconds: 8,
    restSeconds: 3,
    start: (go2rtc, env) => runServer(go2rtc, { ...env, ...thresholds, SABOTAGE: leak }, program),
  })
  return { found: complaints(report, { slopeMb: 20 }), actions: report.watchdog.counts }
}
