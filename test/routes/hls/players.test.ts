import t from 'tap'
import { LOW_LATENCY_SETTINGS, openHlsPlayers } from '../../support/hls-player.ts'
import { startLive } from '../../support/live-server.ts'
import { smallClip } from '../../support/small-clip.ts'
import { until } from '../../support/until.ts'

const PATIENCE_MS = 100_000
const STALL_MS = 5000

t.test(
  'hls.js does not play, gives up on a restarted or stalled camera, or plays on after a logout',
  async t => {
    const { go2rtc, app, origin, user } = await startLive(t, { streams: { cam: [smallClip({ gop: 20 })] } })
    const url = `${origin}/api/camera/cam/stream.m3u8?token=${user.token}`
    const players = await openHlsPlayers(t, origin, [
      { url },
      { url: `${url}&ll=1`, settings: LOW_LATENCY_SETTINGS },
    ])
    const playOn = async (what: string) => {
      const before = await players.figures()
      const after = await players.until(({ time, loads, fatal }, index) => {
        const start = before[index]!
        return fatal !== undefined || (loads.length > start.loads.length + 3 && time > start.time)
      }, PATIENCE_MS)
      for (const [index, { fatal }] of after.entries()) t.equal(fatal, undefined, `${index} ${what}`)
    }
    await players.until(({ loads, frames }) => loads.length > 2 && frames > 3, PATIENCE_MS)
    await go2rtc.stop()
    await go2rtc.start()
    await playOn('goes on when go2rtc restarts')

    go2rtc.stream('cam').pause()
    await new Promise(resolve => setTimeout(resolve, STALL_MS))
    go2rtc.stream('cam').resume()
    await playOn('goes on when the camera does')

    await user.request('/api/auth/logout', { method: 'POST' })
    await new Promise(resolve => setTimeout(resolve, 1000))
    const ended = (await players.figures()).map(({ loads }) => loads.length)
    await until(async () => (await players.figures()).every(({ fatal }) => fatal !== undefined))
    t.same(
      (await players.figures()).map(({ loads }) => loads.length),
      ended,
      'nothing came a second after',
    )
    t.equal(app.handles.size, 0)
  },
)
