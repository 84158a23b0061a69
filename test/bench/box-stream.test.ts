import t from 'tap'
import { BoxStream } from '../../bench/load/box-stream.ts'
import { Meter } from '../../bench/load/meter.ts'
import { box, text } from '../../demo/fmp4/box.ts'
import { initSegment } from '../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../demo/fmp4/muxer.ts'
import { synthetic } from '../../demo/footage/synthetic.ts'

t.test('boxes are found wherever the pieces are cut, empty ones and long media too', async t => {
  const stream = Buffer.concat([
    box('ftyp', text('iso5')),
    box('free'),
    box('mdat', Buffer.alloc(40, 7)),
    box('mdat'),
    box('moof', text('x')),
  ])
  for (let size = 1; size <= stream.length; size++) {
    const seen: string[] = []
    const reader = new BoxStream((type, content) => seen.push(`${type} ${content.length}`))
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size))
    t.same(seen, ['ftyp 4', 'free 0', 'mdat 16', 'mdat 0', 'moof 1'], `pieces of ${size}`)
  }
})

t.test('a box that cannot be ends the measurement instead of taking its memory', async t => {
  const reader = new BoxStream(() => {})
  t.throws(() => reader.push(Buffer.from('000000076d6f6f66', 'hex')), { message: 'a moof of 7 bytes' })
  t.throws(() => new BoxStream(() => {}).push(Buffer.from('7fffffff6d6f6f76', 'hex')), { message: /moov of/ })
})

t.test('the meter counts frames, those that are missing, and breaks of the timeline', async t => {
  const footage = synthetic({ fps: 10, gop: 1 })
  const muxer = new Muxer(footage.tracks)
  const samples = footage.samples()
  const fragments: Buffer[] = []
  while (fragments.length < 40) {
    const sample = samples.next().value
    fragments.push(muxer.fragment(sample.track, sample))
  }
  const whole = new Meter(true)
  for (const bytes of [initSegment(footage.tracks), ...fragments]) whole.push(bytes)
  t.match(whole, { missedFrames: 0, videoBreaks: 0, audioBreakMs: 0 })
  t.ok(whole.frames > 10 && whole.firstFrameAt !== undefined)

  const holed = new Meter(true)
  const kept = fragments.filter((_, index) => index < 10 || index >= 20)
  for (const bytes of [initSegment(footage.tracks), ...kept]) holed.push(bytes)
  t.equal(holed.missedFrames, whole.frames - holed.frames)
  t.equal(holed.videoBreaks, 1)
  t.ok(holed.audioBreakMs >= 64, 'at least one frame of AAC')
})
