import { execFileSync } from 'node:child_process'
import t from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import type { Hub } from '../../src/live/hub.ts'
import { raw } from '../../src/live/timeline/framing.ts'
import { read } from '../support/fmp4.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, received } from '../support/live-footage.ts'
import { ffmpeg } from '../support/tools.ts'
import { until } from '../support/until.ts'

const RAW = { framing: raw, plainVideo: false }
const LARGE = { fragmentBytes: 1 << 20, viewerBytes: 1 << 20, streamBytes: 4 << 20, processBytes: 8 << 20 }

async function watched(t: Parameters<typeof liveStreams>[0], options: Parameters<typeof camera>[0] = {}) {
  const source = new ManualSource()
  const { live, logged } = liveStreams(t, {}, source)
  const cam = camera(options)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub: Hub = await finding
  source.send(...cam.take(30))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  return { live, logged, source, cam, hub, sink }
}

/** A keyframe without a time of its own, as go2rtc sends one when the camera's clock begins anew. */
function anew(keyframe: Buffer): Buffer {
  const { fragments } = read([camera().init, keyframe])
  const changed = Buffer.from(keyframe)
  const at = changed.indexOf('tfhd') + 12
  changed.writeUInt32BE(fragments[0]!.track.timescale / 1000 + 1, at)
  return changed
}

/** As much as it takes until the camera is known to be regular; the pictures come in real time. */
async function regular({ source, cam }: Awaited<ReturnType<typeof watched>>) {
  for (let i = 0; i < 20; i++) {
    source.send(...cam.take(1))
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

t.test('a camera that begins anew with the same tracks is interrupted', async t => {
  const house = await watched(t)
  await regular(house)
  const { source, cam, sink, hub } = house
  const other = camera()
  source.opened[0]!.receiver.data(anew(other.take(1)[0]!))
  t.equal(source.opened.length, 2, 'it is asked what it sends now')
  const before = received(sink.bytes).video.length
  source.opened[1]!.receiver.data(other.init)
  t.ok(source.opened[1]!.closed, 'the same: the new connection is left')
  t.notOk(source.opened[0]!.closed)
  source.opened[0]!.receiver.data(cam.take(1)[0]!)
  hub.flush()
  t.equal(sink.ended, undefined)
  t.ok(received(sink.bytes).video.length > before)
  t.equal(hub.connects, 1)
})

t.test('a camera that begins anew with other tracks is shown with the old ones', async t => {
  const house = await watched(t)
  await regular(house)
  const { source, live, sink, hub } = house
  const other = camera({ timescale: 12_800 })
  source.opened[0]!.receiver.data(anew(camera().take(1)[0]!))
  source.opened[1]!.receiver.data(other.init)
  t.ok(source.opened[0]!.closed)
  t.equal(sink.ended, 'changed')
  const [keyframe] = other.take(1)
  source.opened[1]!.receiver.data(keyframe!)
  const next = new ManualSink()
  live.subscribe(hub, next, RAW)
  t.equal(received(next.bytes).video[0]!.track.timescale, 12_800)
  t.equal(source.openCount, 1)
})

for (const how of ['ends', 'sends garbage', 'says nothing'] as const)
  t.test(`a second connection that ${how} takes the first with it, or stays`, async t => {
    const house = await watched(t)
    await regular(house)
    const { source, sink, live } = house
    source.opened[0]!.receiver.data(anew(camera().take(1)[0]!))
    const { receiver } = source.opened[1]!
    if (how === 'ends') receiver.end()
    if (how === 'sends garbage') receiver.data(Buffer.alloc(64, 0xff))
    if (how === 'says nothing') live.close()
    t.ok(source.opened[1]!.closed)
    t.equal(source.opened[0]!.closed, how === 'says nothing')
    t.equal(sink.ended, how === 'says nothing' ? 'closed' : undefined)
  })

t.test('a camera that comes back without a picture is shown as sound alone', async t => {
  const { source, hub, sink, logged } = await watched(t, { audio: 'aac' })
  source.opened[0]!.receiver.end()
  await until(() => source.opened.length === 2)
  source.opened[1]!.receiver.data(soundAlone())
  t.equal(sink.ended, undefined, 'the viewer waits for the picture')
  t.ok(logged.some(({ fields }) => fields.code === 'LIVE_PICTURE_GONE'))
  t.ok(source.opened[1]!.closed)
  const again = camera({ audio: 'aac' })
  await until(() => source.opened.length === 3)
  const before = received(sink.bytes).video.length
  source.send(again.init, ...again.take(5))
  t.equal(hub.state, 'live')
  t.ok(received(sink.bytes).video.length > before)
})

t.test('a newcomer is handed the last pictures of a camera that is gone', async t => {
  const { live, hub } = await watched(t)
  const join = () => {
    const sink = new ManualSink()
    live.subscribe(hub, sink, RAW)
    return received(sink.bytes).video.length
  }
  hub.look(performance.now() + 9000)
  t.ok(join() > 0)
  hub.look(performance.now() + 11_000)
  t.equal(join(), 0)
  t.equal(hub.media.gop.tooLarge, false, 'it is not said to be too large')
})

t.test('a picture that is too large is said to nobody, and asked for at once again', async t => {
  const { live, source, hub, sink, logged } = await watched(t)
  const large = Buffer.from('000000100000000000000000', 'hex')
  large.write('moof', 4, 'latin1')
  large.writeUInt32BE(1 << 20)
  source.send(large)
  t.equal(sink.ended, 'unplayable')
  const error = await live.find('Door', PLAIN_VIDEO).then(
    () => undefined,
    error => error,
  )
  t.equal(error?.code, 'LIVE_FRAGMENT_TOO_LARGE')
  t.match(error.message, /LIVE_FRAGMENT_KB.*1048576 bytes/)
  t.ok(logged.some(({ fields }) => fields.code === 'FMP4_BOX_TOO_LARGE'))
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(source.opened.length, 1, 'other failures are tried again after some milliseconds here')
  t.match(hub.fault?.message, /LIVE_FRAGMENT_KB/)
})

t.test('players are told what the camera announced, and not what its pictures are', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, { limits: LARGE }, source)
  const [small, wide] = ['320x240', '640x360'].map(size => {
    const { inits, fragments } = read([encoded(size)], { initBytes: 1 << 16, fragmentBytes: 1 << 20 })
    return { init: inits[0]!, keyframe: fragments.find(({ sync }) => sync)! }
  }) as [Encoded, Encoded]
  const finding = live.find('Door', PLAIN_VIDEO)
  // Announced with the parameter sets of a small picture; what comes is encoded with others.
  source.opened[0]!.receiver.data(small.init.bytes)
  source.opened[0]!.receiver.data(Buffer.concat([wide.keyframe.moof, wide.keyframe.mdat]))
  const hub = await finding
  const [track] = hub.media.tracks
  t.equal(track!.codec, wide.init.tracks[0]!.codec)
  t.same([track!.width, track!.height], [640, 360])
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  const { inits } = read([sink.bytes], { initBytes: 1 << 16, fragmentBytes: 1 << 20 })
  const bytes = inits[0]!.bytes
  t.same(
    Buffer.from(bytes).includes(Buffer.from(parameterSet(wide.init.bytes))),
    true,
    'its decoder gets the parameter sets of the picture',
  )
  const picture = execFileSync(
    ffmpeg(),
    ['-v', 'error', '-xerror', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
    { input: sink.bytes, maxBuffer: 1 << 26 },
  )
  t.equal(picture.length, 640 * 360, 'which decodes')

  source.opened[0]!.receiver.data(Buffer.concat([wide.keyframe.moof, wide.keyframe.mdat]))
  t.equal(sink.ended, undefined, 'the same again changes nothing')
  source.opened[0]!.receiver.data(Buffer.concat([small.keyframe.moof, small.keyframe.mdat]))
  t.equal(sink.ended, 'changed')
  t.same([hub.media.tracks[0]!.width, hub.media.tracks[0]!.height], [320, 240])
})

interface Encoded {
  readonly init: ReturnType<typeof read>['inits'][number]
  readonly keyframe: ReturnType<typeof read>['fragments'][number]
}

/** One picture of H.264 with its parameter sets in front of it, as cameras send it. */
function encoded(size: string): Buffer {
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=1:duration=1`, '-frames:v', '1']
  const codec = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bsf:v', 'dump_extra']
  const output = ['-movflags', 'empty_moov+default_base_moof+frag_every_frame', '-f', 'mp4', 'pipe:1']
  return execFileSync(ffmpeg(), ['-v', 'error', ...picture, ...codec, ...output])
}

/** The first one of an init segment's `avcC`. */
function parameterSet(init: Uint8Array): Uint8Array {
  const bytes = Buffer.from(init)
  const at = bytes.indexOf('avcC') + 4 + 6
  return bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at))
}

/** An init segment of AAC alone. */
function soundAlone(): Buffer {
  const tone = ['-f', 'lavfi', '-i', 'sine=duration=0.1', '-c:a', 'aac']
  const file = execFileSync(ffmpeg(), [
    '-v',
    'error',
    ...tone,
    '-movflags',
    'empty_moov',
    '-f',
    'mp4',
    'pipe:1',
  ])
  return file.subarray(0, file.indexOf('moof') - 4)
}
