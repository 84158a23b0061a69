import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { startGo2rtc } from '../../support/go2rtc.ts'
import { LOW_LATENCY_SETTINGS, openHlsPlayers } from '../../support/hls-player.ts'
import { serve } from '../../support/serve.ts'
import { signIn } from '../../support/sign-in.ts'
import { smallClip } from '../../support/small-clip.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PATIENCE_MS = 100_000
const FIRST = 'the first key of this test, long enough'
const SECOND = 'the second key of this test, long enough'

t.test('a new key or a crash of the server ends the players', async t => {
  const go2rtc = await startGo2rtc(t, { cam: [smallClip({ gop: 20 })] })
  const env = {
    GO2RTC_HOST: go2rtc.origin,
    FRIGATE_HOST: 'none',
    SHUTDOWN_SECONDS: '1',
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
  }
  let server = await serve(t, { ...env, SECRET_KEY: FIRST })
  const { token } = await signIn(server.origin)
  const url = `${server.origin}/api/camera/cam/stream.m3u8?token=${token}`
  const handle = async () => /hls\/([\w-]+)\//.exec(await (await fetch(url)).text())![1]
  const first = await handle()
  const players = await openHlsPlayers(t, server.origin, [
    { url },
    { url: `${url}&ll=1`, settings: LOW_LATENCY_SETTINGS },
  ])
  await players.until(({ loads, frames }) => loads.length > 2 && frames > 3, PATIENCE_MS)

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    server.child.kill(signal)
    await once(server.child, 'close')
    server = await serve(t, { ...env, SECRET_KEY: SECOND, SECRET_KEY_PREVIOUS: FIRST }, { port: server.port })
    const before = await players.figures()
    const after = await players.until(({ loads, frames, fatal }, index) => {
      const start = before[index]!
      return fatal !== undefined || (loads.length > start.loads.length + 4 && frames > start.frames + 20)
    }, PATIENCE_MS)
    for (const [index, { fatal, time }] of after.entries()) {
      t.equal(fatal, undefined, `player ${index} after ${signal}`)
      t.ok(time > before[index]!.time, 'it plays on from where it was')
    }
    t.equal(await handle(), first, 'under the same address')
  }
})
