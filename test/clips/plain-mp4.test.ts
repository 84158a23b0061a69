import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { children, viewOf } from '../../src/fmp4/boxes/box.ts'
import { PIPED } from '../support/frigate-media.ts'
import { turn } from '../support/plain-mp4.ts'
import { random } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ffmpeg, ffprobe } from '../support/tools.ts'

const SECONDS = 10
const SOURCE = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
  ...['-t', String(SECONDS), '-pix_fmt', 'yuv420p', '-g', '25'],
]
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast']
const AAC = ['-c:a', 'aac']

/** What Frigate's ffmpeg may pipe, by what is special about it. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'as Frigate pipes it': [...H264, ...AAC, ...PIPED],
  'pictures that are shown in another order': [...H264, '-bf', '2', ...AAC, ...PIPED],
  'H.265': ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', ...AAC, ...PIPED],
  'no sound': [...H264, '-an', ...PIPED],
  'an edit list': [...H264, '-bf', '2', ...AAC, '-movflags', 'frag_keyframe+delay_moov', '-f', 'mp4'],
  'addresses relative to each fragment': [
    ...[...H264, ...AAC],
    ...['-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4'],
  ],
  'a fragment for each track': [
    ...[...H264, ...AAC],
    ...['-movflags', 'frag_keyframe+empty_moov+separate_moof', '-f', 'mp4'],
  ],
  'sound that begins later': [...H264, ...AAC, '-af', 'asetpts=PTS+1.5/TB', ...PIPED],
}

function piped(options: readonly string[]): Buffer {
  return execFileSync(ffmpeg(), ['-v', 'error', ...SOURCE, ...options, 'pipe:1'], {
    maxBuffer: 64 * 1024 * 1024,
  })
}

const probe = (file: string, ...options: readonly string[]) =>
  execFileSync(ffprobe(), ['-v', 'error', ...options, file], { encoding: 'utf8' })
/** Times, sizes and sync samples; what a player leaves out at the start by the edit list is marked with a D. */
const packets = (file: string, stream: string) =>
  probe(
    file,
    ...['-select_streams', stream, '-of', 'compact=p=0'],
    ...['-show_entries', 'packet=pts_time,dts_time,size,flags:packet_side_data='],
  )
    .replaceAll('|', ' ')
    .replace(/flags=(.).*/g, '$1')
    .replaceAll('\n\n', '\n')
/** A digest of what is decoded from a moment on. */
const decoded = (file: string, streams: readonly string[], from = '0') =>
  execFileSync(ffmpeg(), ['-v', 'error', '-ss', from, '-i', file, ...streams, '-f', 'md5', '-'], {
    encoding: 'utf8',
  })
const boxTypes = (bytes: Buffer) => [...children(viewOf(bytes), 0, bytes.length)].map(({ type }) => type)

async function files(t: Test, source: Buffer) {
  const folder = await temporaryFolder(t)
  const [fragmented, plain] = [join(folder, 'fragmented.mp4'), join(folder, 'plain.mp4')]
  writeFileSync(fragmented, source)
  const turned = turn(source, 64 * 1024)
  writeFileSync(plain, turned.bytes)
  return { fragmented, plain, ...turned }
}

for (const [kind, options] of Object.entries(KINDS))
  t.test(`${kind}: the plain MP4 would hold something else, or not be one`, async t => {
    const { fragmented, plain, bytes, whole } = await files(t, piped(options))
    t.ok(whole)
    t.match(boxTypes(bytes).join(), /^ftyp,(mdat,)+moov$/)
    for (const stream of ['v', 'a']) t.equal(packets(plain, stream), packets(fragmented, stream))
    // ffmpeg plays the first packet of sound, which the edit list takes out, in fragmented files only.
    const streams = kind === 'an edit list' ? ['-map', '0:v'] : []
    t.equal(decoded(plain, streams), decoded(fragmented, streams))
    t.equal(
      decoded(plain, streams, '7.04'),
      decoded(fragmented, streams, '7.04'),
      'seeks to the same picture',
    )

    const probed = JSON.parse(
      probe(plain, '-of', 'json', '-show_entries', 'format=duration:stream=codec_type,nb_frames,duration'),
    ) as {
      streams: { codec_type: string; nb_frames: string; duration: string }[]
      format: { duration: string }
    }
    const video = probed.streams.find(({ codec_type }) => codec_type === 'video')!
    t.equal(video.nb_frames, '250', 'all frames are in its tables')
    t.ok(Math.abs(Number(video.duration) - SECONDS) < 0.2, `lasts ${video.duration} s`)
    t.ok(Math.abs(Number(probed.format.duration) - SECONDS) < 1.6)
  })

const CLIP = piped(KINDS['as Frigate pipes it']!)

t.test('it would depend on how the bytes arrive', async t => {
  const expected = turn(CLIP).bytes
  for (const step of [1, 2, 3, 7, 8, 9, 1000, 65536])
    t.ok(turn(CLIP, step).bytes.equals(expected), `split every ${step} bytes`)
})

t.test('a clip that broke off would pass for a whole one, or not play', async t => {
  const first = boxTypes(CLIP)
  t.equal(first.at(-1), 'mfra')
  t.notOk(turn(CLIP.subarray(0, -1)).whole)
  let frames = 0
  for (const share of [0.2, 0.5, 0.9]) {
    const { plain, bytes, whole } = await files(t, CLIP.subarray(0, Math.floor(CLIP.length * share)))
    t.notOk(whole)
    t.match(boxTypes(bytes).join(), /^ftyp,(mdat,)+moov$/, 'no box is open')
    const counted = Number(
      probe(
        plain,
        '-count_frames',
        '-select_streams',
        'v',
        '-of',
        'csv=p=0',
        '-show_entries',
        'stream=nb_read_frames',
      ),
    )
    t.ok(counted > frames && counted >= 250 * share - 30, `${counted} frames of ${share} of it`)
    frames = counted
  }
  for (let length = 0; length < 3000; length++) t.notOk(turn(CLIP.subarray(0, length)).whole)
})

t.test('what is no fragmented MP4 would come out changed', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'plain.mp4')
  execFileSync(ffmpeg(), ['-v', 'error', ...SOURCE, ...H264, ...AAC, file])
  const plain = readFileSync(file)
  for (const [name, bytes, whole] of [
    ['a plain MP4', plain, true],
    ['half of one', plain.subarray(0, plain.length / 2), false],
    ['a page', Buffer.from('<html>this is not a clip at all</html>'), false],
    ['zeros', Buffer.alloc(100), false],
    ['nothing', Buffer.alloc(0), false],
    ['a moov that is none', Buffer.concat([CLIP.subarray(0, 60), Buffer.alloc(2000, 9)]), false],
  ] as const)
    for (const step of [1, 64 * 1024]) {
      const turned = turn(bytes, step)
      t.ok(turned.bytes.equals(bytes), `${name}, split every ${step} bytes`)
      t.equal(turned.whole, whole, name)
    }
})

t.test('a clip that is not what it says would crash the server, or fill its memory', async t => {
  const next = random(7)
  const upTo = (n: number) => Math.floor(next() * n)
  const small = CLIP.subarray(0, 120_000)
  const evil = [0, 1, 7, 8, 16, 0x7f, 0x80, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
  const firstMdat = small.indexOf('mdat')
  let turned = 0
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.from(small)
    for (let change = upTo(4); change >= 0; change--) {
      const at = upTo(i % 2 === 0 ? firstMdat : bytes.length - 8)
      if (upTo(2) === 0) bytes[at] = upTo(256)
      else bytes.writeUInt32BE(evil[upTo(evil.length)]!, at)
    }
    const { bytes: out } = turn(bytes, 1 + upTo(bytes.length))
    if (out.length > 64 * 1024 * 1024 + bytes.length) t.fail(`case ${i}: ${out.length} bytes`)
    if (!out.subarray(0, 28).includes('isomiso2mp41')) continue
    if (!/^ftyp,(mdat,)*moov$/.test(boxTypes(out).join())) t.fail(`case ${i}: ${boxTypes(out)}`)
    turned++
  }
  t.ok(turned > 200, `${turned} were turned into plain ones, all the same`)
})
