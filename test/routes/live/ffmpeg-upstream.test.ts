import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startApp } from '../../support/app.ts'
import { received } from '../../support/live-footage.ts'
import { TestPlayer } from '../../support/live-server.ts'
import { signIn } from '../../support/sign-in.ts'
import { ffmpeg } from '../../support/tools.ts'
import { until } from '../../support/until.ts'

const FLAGS = '+frag_every_frame+empty_moov+default_base_moof'

/** go2rtc's list and stream routes in front of ffmpeg, which makes the fragments. */
async function startFfmpeg(t: Test, codec: string[]): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/api/streams')
      return response.end(JSON.stringify({ Test: { producers: [], consumers: null } }))
    const picture = ['-f', 'lavfi', '-re', '-i', 'testsrc2=size=320x180:rate=25']
    const sound = ['-f', 'lavfi', '-re', '-i', 'sine=frequency=440:sample_rate=48000']
    const output = [...codec, '-c:a', 'aac', '-g', '25', '-f', 'mp4', '-movflags', FLAGS, '-']
    const child = spawn(ffmpeg(), ['-v', 'error', ...picture, ...sound, ...output], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.pipe(response)
    response.on('close', () => child.kill('SIGKILL'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

for (const [name, codec] of [
  [
    'without B-frames',
    ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ],
  ['with B-frames', ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-pix_fmt', 'yuv420p']],
] as const)
  t.test(`fragments of a producer that is not ours cannot be read: ffmpeg, ${name}`, async t => {
    const { origin } = await startApp(t, {
      GO2RTC_HOST: await startFfmpeg(t, [...codec]),
      FRIGATE_HOST: 'none',
    })
    const { token } = await signIn(origin)
    const url = `${origin}/api/ws?src=Test&token=${token}`
    const player = await new TestPlayer(url).opened()
    player.say('mse', 'avc1.640029,mp4a.40.2')
    await until(() => player.media.length > 100)
    const late = await new TestPlayer(url).opened()
    late.say('mse', 'avc1.640029,mp4a.40.2')
    await until(() => late.media.length > 50)
    for (const { media } of [player, late]) {
      const { inits, video, audio } = received(Buffer.concat(media))
      t.equal(inits, 1)
      t.equal(video[0]!.decodeTime, 0)
      t.ok(video[0]!.sync)
      t.ok(video.length > 20 && audio.length > 20)
      for (const kind of [video, audio])
        t.ok(
          kind.every(
            (one, i) => i === 0 || one.decodeTime >= kind[i - 1]!.decodeTime + kind[i - 1]!.duration,
          ),
        )
    }
  })
