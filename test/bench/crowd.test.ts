import t from 'tap'
import { runStandIn } from '../../bench/cameras/stand-in.ts'
import { runCrowd } from '../../bench/process/crowd.ts'
import { readProcess } from '../../bench/process/proc.ts'
import { Sampler } from '../../bench/process/sampler.ts'

for (const [name, path] of [
  ['WebSocket', 'ws?src=cam'],
  ['stream.mp4', 'stream.mp4?src=cam'],
] as const) {
  t.test(`a crowd over ${name}: each gets a picture, the stalled ones stay and take nothing`, async t => {
    const standIn = await runStandIn({ cam: { gop: 0.4, bitrate: 500_000 } })
    t.teardown(() => standIn.stop())
    const origin = path.startsWith('ws') ? standIn.origin.replace('http', 'ws') : standIn.origin
    const crowd = runCrowd({ url: `${origin}/api/${path}`, viewers: 6, stalled: 2, seconds: 1, ramp: 0.2 })
    t.teardown(() => crowd.stop())
    await crowd.playing()
    t.match(await standIn.counts(), { created: 0, streams: { cam: { consumers: 6, opened: 6 } } })
    const summary = await crowd.summary()
    t.match(summary, {
      viewers: 6,
      stalled: 2,
      gotPicture: 6,
      missedFrames: 0,
      videoBreaks: 0,
      audioBreakMs: 0,
      ended: {},
    })
    t.ok((summary.firstFrameMs.p95 ?? 0) > 0)
    t.ok(summary.frames >= 4 * 10, `${summary.frames} frames`)
  })
}

t.test('a viewer that is refused is counted with the reason', async t => {
  const standIn = await runStandIn({})
  t.teardown(() => standIn.stop())
  for (const [url, ended] of [
    [`${standIn.origin.replace('http', 'ws')}/api/ws?src=nobody`, 'mse: stream not found'],
    [`${standIn.origin}/api/stream.mp4?src=nobody`, '404'],
  ] as const) {
    const crowd = runCrowd({ url, viewers: 2, seconds: 0, ramp: 0 })
    t.teardown(() => crowd.stop())
    t.match(await crowd.summary(), { gotPicture: 0, ended: { [ended]: 2 } })
  }
})

t.test('memory and CPU of a process are read from /proc', async t => {
  const reading = readProcess(process.pid)
  t.ok(reading.rssMb > reading.anonMb && reading.anonMb > 1)
  t.ok(Math.abs(reading.rssMb * 1024 * 1024 - process.memoryUsage.rss()) < 64 * 1024 * 1024)
  const sampler = new Sampler(process.pid)
  t.match(sampler.stop(), { rssMb: { max: Number }, cpuPercent: Number })
  t.throws(() => readProcess(0))
})
