import t from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { raw } from '../../src/live/timeline/framing.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'

for (const gop of [1, 2, 10])
  t.test(`a plain video element stays behind live by its ${gop} s GOP`, async t => {
    const source = new ManualSource()
    const { live } = liveStreams(t, {}, source)
    const cam = camera({ gop, audio: 'aac', fps: 25, bitrate: 100_000 }, 3000)
    const finding = live.find('Door', PLAIN_VIDEO)
    source.send(cam.init)
    const hub = await finding
    let videos = 0
    const send = (boxes: Uint8Array[]) => {
      for (const box of boxes) if (received(Buffer.concat([cam.init, box])).video.length) videos++
      source.send(...boxes)
    }
    while (videos < 2 * gop * 25 - 1) send(cam.take(1))
    const sink = new ManualSink()
    live.subscribe(hub, sink, { framing: raw, plainVideo: true })
    const handed = received(sink.bytes)
    t.equal(handed.video.length, gop * 25 - 1, 'every picture of the kept GOP')
    t.equal(handed.audio.length, 0, 'no sound of it')
    const last = handed.video.at(-1)!
    const behind = (last.decodeTime + last.duration) / last.track.timescale
    t.ok(behind > 0 && behind <= 0.1, `${behind} s until live`)

    send(cam.take(40))
    const { video, audio } = received(sink.bytes)
    for (const kind of [video, audio])
      for (const [i, fragment] of kind.entries()) {
        const end = i === 0 ? 0 : kind[i - 1]!.decodeTime + kind[i - 1]!.duration
        t.ok(fragment.decodeTime >= end, 'time does not go back')
        if (i > 0) t.ok(fragment.decodeTime - end < fragment.track.timescale / 10, 'there is no hole')
      }
    const drift = video.at(-1)!.decodeTime / 90_000 - audio.at(-1)!.decodeTime / audio[0]!.track.timescale
    t.ok(Math.abs(drift) < 0.2, `sound and picture are ${drift} s apart`)
  })

t.test(
  'a plain video element that joins early in a GOP waits for pictures which it then stays behind',
  async t => {
    const source = new ManualSource()
    const { live } = liveStreams(t, {}, source)
    const cam = camera({ gop: 4, audio: 'aac', fps: 25, bitrate: 100_000 }, 1000)
    const finding = live.find('Door', PLAIN_VIDEO)
    source.send(cam.init)
    const hub = await finding
    source.send(...cam.take(1))
    const sink = new ManualSink()
    live.subscribe(hub, sink, { framing: raw, plainVideo: true })
    while (received(sink.bytes).video.length < 30) source.send(...cam.take(1))
    const { video, audio } = received(sink.bytes)
    const { timescale } = video[0]!.track
    const startsAt = video[21]!.decodeTime / timescale
    t.ok(startsAt <= 1.6 / 25, `after 21 pictures it is ${startsAt} s behind: FFmpeg looks at so many first`)
    t.ok(audio[0]!.decodeTime / audio[0]!.track.timescale >= startsAt, 'no sound of them')
    t.ok(audio.length > 0 && contiguous(video))
    t.equal(video[22]!.decodeTime - video[21]!.decodeTime, timescale / 25, 'from then on in real time')
  },
)
