import t, { type Test } from 'tap'
import { openHlsPlayers } from '../../support/hls-player.ts'
import { startLive } from '../../support/live-server.ts'
import { smallClip } from '../../support/small-clip.ts'

const clip = smallClip({ gop: 20 })
const PATIENCE_MS = 100_000

async function start(t: Test, cameras = 1) {
  const names = Array.from({ length: cameras }, (_, index) => `cam_${index}`)
  const server = await startLive(t, { streams: Object.fromEntries(names.map(name => [name, [clip]])) })
  const urls = (query = '') =>
    names.map(name => `${server.origin}/api/camera/${name}/stream.m3u8?token=${server.user.token}${query}`)
  return { ...server, names, urls }
}

t.test('hls.js with the settings of the PWA does not play, or gives up when go2rtc restarts', async t => {
  const { go2rtc, origin, urls } = await start(t)
  const players = await openHlsPlayers(t, origin, urls())
  await players.until(({ loads, frames }) => loads.length > 2 && frames > 3, PATIENCE_MS)
  await go2rtc.stop()
  await go2rtc.start()
  const [restarted] = await players.figures()
  const further = restarted!.loads.length + 3
  const [after] = await players.until(
    ({ loads, time, fatal }) => fatal !== undefined || (loads.length > further && time > restarted!.time),
    PATIENCE_MS,
  )
  t.equal(after!.fatal, undefined)
})
