import t from 'tap'
import { openHlsPlayers } from '../../support/hls-player.ts'
import { startLive } from '../../support/live-server.ts'
import { smallClip } from '../../support/small-clip.ts'
import { until } from '../../support/until.ts'

const PATIENCE_MS = 100_000

t.test(
  'hls.js does not play with low latency, gives up on a stalled camera, or plays on after a logout',
  async t => {
    const { go2rtc, app, origin, user } = await startLive(t, { streams: { cam: [smallClip({ gop: 20 })] } })
    const url = `${origin}/api/camera/cam/stream.m3u8?ll=1&token=${user.token}`
    const players = await openHlsPlayers(t, origin, [url], { lowLatencyMode: true, backBufferLength: 90 })
    const settled = (loads: number) =>
      players.until(figures => figures.fatal !== undefined || figures.loads.length > loads, PATIENCE_MS)
    await settled(5)

    go2rtc.stream('cam').pause()
    await new Promise(resolve => setTimeout(resolve, 5000))
    go2rtc.stream('cam').resume()
    const [stalled] = await players.figures()
    const [after] = await settled(stalled!.loads.length + 5)
    t.equal(after!.fatal, undefined)

    await user.request('/api/auth/logout', { method: 'POST' })
    await new Promise(resolve => setTimeout(resolve, 1000))
    const [ended] = await players.figures()
    await until(async () => (await players.figures())[0]!.fatal !== undefined)
    t.equal((await players.figures())[0]!.loads.length, ended!.loads.length, 'nothing came a second after')
    t.equal(app.handles.size, 0)
  },
)
