import t from 'tap'
import { BUNDLED_CAMERAS, bundledClip } from '../../demo/footage/bundled.ts'
import type { Footage, Sample } from '../../demo/footage/footage.ts'
import { frameNumber, synthetic } from '../../demo/footage/synthetic.ts'

function take(footage: Footage, seconds: number): Sample[] {
  const taken: Sample[] = []
  const samples = footage.samples()
  for (;;) {
    const sample = samples.next().value
    if (sample.timestamp / (footage.tracks[sample.track]?.timescale ?? 1) >= seconds) return taken
    taken.push(sample)
  }
}

for (const camera of BUNDLED_CAMERAS) {
  t.test(`${camera}: the loop has no seam in either track`, async t => {
    const footage = bundledClip(camera)
    const samples = take(footage, 40)
    for (const [track, distance] of [
      [0, 3600],
      [1, 1024],
    ] as const) {
      const times = samples.filter(sample => sample.track === track).map(({ timestamp }) => timestamp)
      t.same(
        times,
        times.map((_, index) => index * distance),
      )
    }
    const syncs = samples.filter(({ track, sync }) => track === 0 && sync)
    t.same(
      syncs.map(({ timestamp }) => timestamp),
      syncs.map((_, index) => index * 180_000),
    )
  })
}

t.test('synthetic footage has the rate, the GOP and the counter that were asked for', async t => {
  const footage = synthetic({ fps: 20, gop: 4, bitrate: 2_000_000, timescale: 12_800, audio: 'opus' })
  const samples = take(footage, 40)
  const video = samples.filter(({ track }) => track === 0)
  const bytes = video.reduce((sum, { data }) => sum + data.length, 0)
  t.equal(video.length, 800)
  t.ok(Math.abs((bytes * 8) / 40 / 2_000_000 - 1) < 0.01)
  t.same(
    video.filter(({ sync }) => sync).map(({ data }) => frameNumber(data)),
    Array.from({ length: 10 }, (_, index) => index * 80),
  )
  t.same(
    samples.filter(({ track }) => track === 1).map(({ timestamp }) => timestamp),
    Array.from({ length: 625 }, (_, index) => index * 1024),
  )
  t.equal(
    take(synthetic({ gop: Number.POSITIVE_INFINITY }), 60).filter(s => s.track === 0 && s.sync).length,
    1,
  )
})
