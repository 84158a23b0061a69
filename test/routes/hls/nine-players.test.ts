import t from 'tap'
import { openHlsPlayers } from '../../support/hls-player.ts'
import { startLive } from '../../support/live-server.ts'
import { smallClip } from '../../support/small-clip.ts'

const NINE = Array.from({ length: 9 }, (_, index) => `cam_${index}`)

t.test('nine players of one page do not fit into the six connections of HTTP/1.1', async t => {
  const clip = smallClip({ gop: 20 })
  const { go2rtc, origin, user } = await startLive(t, {
    streams: Object.fromEntries(NINE.map(name => [name, [clip]])),
  })
  const wanted = NINE.map(name => ({ url: `${origin}/api/camera/${name}/stream.m3u8?token=${user.token}` }))
  const players = await openHlsPlayers(t, origin, wanted)
  const figures = await players.until(({ loads, fatal }) => fatal !== undefined || loads.length >= 3, 100_000)
  t.same(
    figures.filter(({ fatal }) => fatal !== undefined),
    [],
  )
  for (const name of NINE) t.equal(go2rtc.stream(name).opened, 1, 'one upstream connection each')
})
