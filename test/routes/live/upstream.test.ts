import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { contiguous } from '../../support/live-footage.ts'
import { startLiveUpstream } from '../../support/live-server.ts'
import { StockPlayer } from '../../support/stock-player.ts'
import { ffmpeg, ffprobe } from '../../support/tools.ts'
import { until } from '../../support/until.ts'

// These hold for a real go2rtc as well: GO2RTC_BIN=/path/to/go2rtc npx tap test/routes/live/upstream.test.ts

const run = promisify(execFile)

interface Packet {
  readonly stream_index: number
  readonly dts: number
  readonly time: number
}

/** What ffprobe makes of a recording: decode times in order, and how many pictures were decoded. */
async function probe(file: string) {
  const { stdout } = await run(
    ffprobe(),
    [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'packet=stream_index,dts,dts_time:stream=codec_name,nb_read_frames',
      '-of',
      'json',
      file,
    ],
    { maxBuffer: 1 << 26 },
  )
  const json = JSON.parse(stdout) as {
    packets: { stream_index: number; dts: number; dts_time: string }[]
    streams: { codec_name: string; nb_read_frames: string }[]
  }
  const packets: Packet[] = json.packets.map(packet => ({ ...packet, time: Number(packet.dts_time) }))
  return {
    packets,
    frames: Number(json.streams[0]!.nb_read_frames),
    codecs: json.streams.map(one => one.codec_name),
  }
}

/** Records with ffmpeg, as a player would read; what it complains of is given back. */
async function record(t: Test, url: string, seconds: number) {
  const dir = await mkdtemp(join(tmpdir(), 'camgate-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'recording.mp4')
  const { stderr } = await run(ffmpeg(), [
    '-v',
    'error',
    '-i',
    url,
    '-t',
    String(seconds),
    '-c',
    'copy',
    file,
  ])
  return { stderr, ...(await probe(file)) }
}

function checkTimes(t: Test, packets: readonly Packet[]): void {
  for (const stream of [0, 1]) {
    const own = packets.filter(packet => packet.stream_index === stream)
    t.ok(own.length > 10)
    t.ok(own[0]!.time < 0.5, `stream ${stream} starts at ${own[0]!.time}`)
    t.ok(
      own.every((packet, i) => i === 0 || packet.dts > own[i - 1]!.dts),
      'time never goes back',
    )
    t.ok(
      own.every((packet, i) => i === 0 || packet.time - own[i - 1]!.time < 0.5),
      'there is no hole',
    )
  }
}

t.test('frames do not decode, or time starts late or goes back, for a first and a late viewer', async t => {
  const { upstream, origin, user } = await startLiveUpstream(t)
  const url = `${origin}/api/camera/Garage/stream.mp4?token=${user.token}`
  for (const viewer of ['first', 'late']) {
    const { stderr, packets, frames, codecs } = await record(t, url, 10)
    t.equal(stderr, '', `${viewer}: no complaint`)
    t.same(codecs, ['h264', 'aac'])
    t.ok(frames > 150, `${viewer}: ${frames} frames decode`)
    checkTimes(t, packets)
  }
  t.equal(await upstream.consumers('Garage'), 1, 'both over one upstream connection')
})

t.test('the stock player gets media before its type, a full staging array, or a late timeline', async t => {
  const { upstream, origin, user } = await startLiveUpstream(t)
  const url = `${origin}/api/ws?src=Garage&token=${user.token}`
  const players = [new StockPlayer(url, 1), new StockPlayer(url, 200)]
  for (const player of players) {
    t.teardown(() => player.close())
    player.connect()
    await player.played(100)
    t.same(player.errors, [])
    t.match(player.types, [/^video\/mp4; codecs="avc1\.[0-9a-fA-F]{6},mp4a\.40\.2"$/])
    t.equal(player.inits, 1)
    const video = player.fragments.filter(fragment => fragment.track.kind === 'video')
    t.equal(video[0]!.decodeTime, 0)
    t.ok(contiguous(video))
  }
  const [again] = players
  again!.close()
  await until(() => again!.delays.length === 1)
  again!.connect()
  await until(() => again!.inits === 2)
  t.equal(await upstream.consumers('Garage'), 1)
})

t.test('the stock player loses its connection, and with it up to 15 s, when go2rtc restarts', async t => {
  const { upstream, origin, user } = await startLiveUpstream(t)
  const player = new StockPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`, 5)
  t.teardown(() => player.close())
  player.connect()
  await player.played(50)
  await upstream.stop()
  await upstream.start()
  await player.played(player.fragments.length + 100)
  t.equal(player.connects, 1)
  t.same(player.delays, [])
  t.same(player.errors, [])
  t.equal(player.inits, 1)
  t.ok(contiguous(player.fragments.filter(fragment => fragment.track.kind === 'video')))
})
