import t from 'tap'
import { synthetic } from '../../demo/footage/synthetic.ts'
import type { Environment } from '../../src/config/setting.ts'
import { startHls } from '../support/hls-client.ts'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
const NAMES = ['One', 'Two', 'Three', 'Four']

/** Cameras whose GOP is half a megabyte, and what the server says that it holds of them. */
async function startCameras(t: Parameters<typeof startLive>[0], env: Environment = {}) {
  const streams = Object.fromEntries(
    NAMES.map(name => [name, [synthetic({ gop: 1, bitrate: 4_000_000, audio: 'none' })]]),
  )
  const { app, user, ...server } = await startLive(t, { streams, env })
  const start = (name: string) =>
    user.request(`/api/cameras/${name}/start-stream`, { method: 'POST', body: {} })
  const status = async () => {
    const reply = await user.request('/api/stream-buffer/status')
    return (await reply.json()) as { streams: Record<string, { gop: { kept: boolean; too_large: boolean } }> }
  }
  return { ...server, app, user, start, status }
}

t.test('LIVE_STREAM_KB must not be without effect', async t => {
  const small = { LIVE_FRAGMENT_KB: '128', LIVE_VIEWER_KB: '128', LIVE_STREAM_KB: '256' }
  for (const [env, gop] of [
    [{}, { kept: true, too_large: false }],
    [small, { kept: false, too_large: true }],
  ] as const) {
    const { start, status } = await startCameras(t, env)
    t.equal((await start('One')).status, 200)
    await until(async () => {
      const found = Object.values((await status()).streams)[0]?.gop
      return found?.kept === gop.kept && found.too_large === gop.too_large
    })
  }
})

t.test('LIVE_PROCESS_MB must not be without effect', async t => {
  const small = {
    LIVE_FRAGMENT_KB: '256',
    LIVE_VIEWER_KB: '512',
    LIVE_STREAM_KB: '1024',
    LIVE_PROCESS_MB: '1',
  }
  const roomy = await startCameras(t)
  for (const name of NAMES) await roomy.start(name)
  await until(() => roomy.app.live.budget.used > 1.2 * MIB)

  const { app, start } = await startCameras(t, small)
  for (const name of NAMES) await start(name)
  await until(() => [...app.live.hubs()].length === NAMES.length && app.live.budget.used > 0.5 * MIB)
  // Long enough for each camera to have sent more than all of them may hold.
  const received = () => app.live.totals.received
  await until(() => received() > 8 * MIB)
  t.ok(app.live.budget.peak <= MIB, `${app.live.budget.peak} bytes at most`)
})

t.test('LIVE_MAX_STREAMS must not be without effect', async t => {
  const { origin, user } = await startCameras(t, { LIVE_MAX_STREAMS: '1' })
  const ask = async (name: string) => {
    const stop = new AbortController()
    const reply = await fetch(`${origin}/api/go2rtc/mse/${name}?token=${user.token}`, { signal: stop.signal })
    t.teardown(() => stop.abort())
    return reply
  }
  t.equal((await ask('One')).status, 200)
  t.equal((await ask('One')).status, 200, 'the same stream once more')
  const refused = await ask('Two')
  t.equal(refused.status, 503)
  t.match(await refused.json(), { error: /1/ })
})

t.test('LIVE_HOLD_SECONDS must not be without effect', async t => {
  const long = await startCameras(t, { LIVE_LINGER_SECONDS: '0' })
  const brief = await startCameras(t, { LIVE_LINGER_SECONDS: '0', LIVE_HOLD_SECONDS: '1' })
  for (const { app, start } of [long, brief]) {
    await start('One')
    await until(() => [...app.live.hubs()].some(hub => hub.state === 'live'))
  }
  await until(() => [...brief.app.live.hubs()].length === 0)
  t.equal([...long.app.live.hubs()].length, 1, 'held since before')
})

t.test('LIVE_SILENT_SECONDS must not be without effect', async t => {
  const patient = await startCameras(t, { LIVE_SILENT_SECONDS: '3600' })
  const brisk = await startCameras(t, { LIVE_SILENT_SECONDS: '1' })
  for (const { origin, user, go2rtc } of [patient, brisk]) {
    const player = await new TestPlayer(`${origin}/api/ws?src=One&token=${user.token}`).opened()
    t.teardown(() => player.ws.terminate())
    player.say('mse', 'avc1.640029')
    await until(() => player.media.length > 2)
    go2rtc.stream('One').pause()
  }
  await until(() => brisk.go2rtc.stream('One').opened > 1)
  t.equal(patient.go2rtc.stream('One').opened, 1)
})

t.test('LIVE_BEAT_MS must not be without effect', async t => {
  const picturesInAWrite = async (env: Environment) => {
    const streams = { Small: [synthetic({ gop: 1, bitrate: 200_000, audio: 'none' })] }
    const { origin, user } = await startLive(t, { streams, env })
    const { body } = await fetch(`${origin}/api/go2rtc/mse/Small?token=${user.token}`)
    const reader = body!.getReader()
    // The first is the initial burst.
    await reader.read()
    let pictures = 0
    for (let writes = 0; writes < 20; writes++)
      pictures +=
        Buffer.from((await reader.read()).value!)
          .toString('latin1')
          .split('moof').length - 1
    await reader.cancel()
    return pictures / 20
  }
  const [often, seldom] = await Promise.all([
    picturesInAWrite({ LIVE_BEAT_MS: '10' }),
    picturesInAWrite({ LIVE_BEAT_MS: '200' }),
  ])
  t.ok(seldom > often * 1.5, `${often} pictures in a write, and ${seldom}`)
})

t.test('HLS_SEGMENTS must not be without effect', async t => {
  for (const [env, segments] of [
    [{ HLS_SEGMENTS: '5' }, 5],
    [{ HLS_SEGMENTS: '7' }, 7],
  ] as const) {
    const { open } = await startHls(t, env)
    const { load } = await open()
    const first = (await load()).segments[0]!.number
    let most = 0
    await until(async () => {
      const playlist = await load()
      most = Math.max(most, playlist.segments.length)
      return playlist.segments[0]!.number > first + 1
    })
    t.equal(most, segments)
  }
})
