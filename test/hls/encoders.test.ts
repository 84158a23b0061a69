import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { hlsOf, joined, ROOMY, readSamples } from '../support/hls.ts'
import { liveStreams, ManualSource } from '../support/live.ts'
import { type ReadPlaylist, readPlaylist } from '../support/playlist.ts'
import { violations } from '../support/rfc8216.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ffmpeg, ffprobe } from '../support/tools.ts'

const CHUNK = 2048
const BEFORE = 0.2

interface Encoding {
  readonly seconds: number
  readonly fps: number
  /** In frames. */
  readonly gop: number
  readonly encoder?: readonly string[]
  readonly filter?: string
}

/** What an encoder makes of moving pictures: one fragment a frame, as go2rtc gives them. */
async function encode(
  t: Test,
  { seconds, fps, gop, encoder = ['-c:v', 'libx264'], filter = 'null' }: Encoding,
) {
  const file = join(await temporaryFolder(t), 'camera.mp4')
  const pictures = ['-f', 'lavfi', '-i', `testsrc2=s=160x90:r=${fps}:d=${seconds}`, '-vf', filter]
  const keyframes = [
    '-g',
    String(gop),
    '-keyint_min',
    String(gop),
    '-pix_fmt',
    'yuv420p',
    '-preset',
    'ultrafast',
  ]
  const movflags = ['-use_editlist', '0', '-movflags', 'empty_moov+default_base_moof+frag_every_frame']
  const args = [...pictures, '-fps_mode', 'vfr', ...encoder, ...keyframes, ...movflags, file]
  execFileSync(ffmpeg(), ['-v', 'error', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  return file
}

/** Plays the file as a camera, looks at its playlists (at those with parts if no frame is missing), and gives all segments that were listed, after an init segment. */
async function record(t: Test, bytes: Buffer, steady: boolean) {
  const source = new ManualSource()
  const { live } = liveStreams(t, { limits: ROOMY }, source)
  let at = 0
  const send = () => {
    source.send(bytes.subarray(at, at + CHUNK))
    at += CHUNK
  }
  const finding = live.find('cam', PLAIN_VIDEO)
  while ([...live.hubs()].every(({ media }) => media.init === undefined)) send()
  const hub = await finding
  while (at < bytes.length * BEFORE) send()
  const { hls, ended } = hlsOf(hub)
  const segments = new Map<number, { bytes: Buffer; seconds: number }>()
  let before: ReadPlaylist | undefined
  let partsBefore: ReadPlaylist | undefined
  const broken = new Set<string>()
  for (; at < bytes.length; send()) {
    if (!hls.window?.segments.length) continue
    const playlist = readPlaylist(hls.plain())
    for (const sentence of violations(playlist, before)) broken.add(sentence)
    before = playlist
    const withParts = readPlaylist(await hls.lowLatency(undefined, false))
    if (steady) for (const sentence of violations(withParts, partsBefore)) broken.add(sentence)
    partsBefore = withParts
    for (const { number, seconds, uri } of playlist.segments)
      if (uri !== undefined && !segments.has(number))
        segments.set(number, { bytes: joined(hls.segment(number)), seconds })
  }
  t.same([...broken], [])
  t.same(ended, [])
  return { map: hls.map(0), segments: [...segments.values()], timescale: hub.media.primary.timescale }
}

/** Of the pictures, in seconds, in the order in which they are decoded. */
function presentationTimes(file: string): number[] {
  const entries = ['-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
  const output = execFileSync(ffprobe(), ['-v', 'error', ...entries, file], { encoding: 'utf8' })
  return output.trim().split('\n').map(Number)
}

const H265 = ['-c:v', 'libx265', '-tag:v', 'hev1', '-x265-params']

const cameras: Readonly<Record<string, Encoding>> = {
  'with B-frames': {
    seconds: 24,
    fps: 25,
    gop: 50,
    encoder: ['-c:v', 'libx264', '-bf', '3', '-b_strategy', '0'],
  },
  'with B-frames at five frames a second': {
    seconds: 48,
    fps: 5,
    gop: 10,
    encoder: ['-c:v', 'libx264', '-bf', '2', '-b_strategy', '0'],
  },
  'with H.265': { seconds: 16, fps: 15, gop: 30, encoder: [...H265, 'log-level=none:open-gop=0'] },
  'with H.265 and open GOPs': { seconds: 16, fps: 15, gop: 30, encoder: [...H265, 'log-level=none'] },
  'with a GOP of ten seconds': { seconds: 50, fps: 10, gop: 100 },
  'whose frame rate changes': {
    seconds: 24,
    fps: 30,
    gop: 40,
    filter: "select='if(gte(t,8),not(mod(n,4)),1)'",
  },
  'that leaves out frames': {
    seconds: 24,
    fps: 25,
    gop: 50,
    filter: "select='lt(mod(n,50),2)+gt(random(7),0.15)'",
  },
  'that leaves out a second and a half': {
    seconds: 24,
    fps: 25,
    gop: 50,
    filter: "select='lt(t,9.2)+gt(t,10.7)'",
  },
}

for (const [what, encoding] of Object.entries(cameras))
  t.test(`a camera ${what} does not decode, or at other times than it filmed`, async t => {
    const { map, segments, timescale } = await record(
      t,
      readFileSync(await encode(t, encoding)),
      !encoding.filter,
    )
    t.ok(segments.length >= 3, `${segments.length} segments`)
    const file = join(await temporaryFolder(t), 'recorded.mp4')
    await writeFile(file, Buffer.concat([map, ...segments.map(({ bytes }) => bytes)]))
    const { stderr } = spawnSync(ffmpeg(), ['-v', 'error', '-i', file, '-f', 'null', '-'], {
      encoding: 'utf8',
    })
    t.equal(stderr, '')

    const samples = segments.flatMap(({ bytes }) => readSamples(bytes))
    const times = presentationTimes(file)
    t.equal(times.length, samples.length, 'every sample is a picture')
    t.equal(new Set(times).size, times.length, 'each at a time of its own')
    for (const [i, { decodeTime }] of samples.entries()) {
      const last = samples[i - 1]
      if (last && last.decodeTime + last.duration !== decodeTime) t.fail(`a hole at ${decodeTime}`)
    }
    const listed = segments.reduce((sum, { seconds }) => sum + seconds, 0)
    const [first, last] = [samples[0]!, samples.at(-1)!]
    const decoded = (last.decodeTime + last.duration - first.decodeTime) / timescale
    t.ok(Math.abs(listed - decoded) < 0.001, `EXTINF says ${listed} s, there are ${decoded} s`)
    t.equal(first.sync, true)
  })
