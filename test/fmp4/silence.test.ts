import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { silentFragment, silentFrame } from '../../src/fmp4/fragments/silence.ts'
import { read } from '../support/fmp4.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ffmpeg } from '../support/tools.ts'

const run = promisify(execFile)
const FRAMES = 25

/** A tone of a second in fragments, as an encoder makes it. */
async function tone(codec: readonly string[], rate: number, channels: number): Promise<Buffer> {
  const source = [
    '-f',
    'lavfi',
    '-i',
    `sine=frequency=440:sample_rate=${rate}:duration=1`,
    '-ac',
    String(channels),
  ]
  const output = [
    '-f',
    'mp4',
    '-movflags',
    'empty_moov+default_base_moof+frag_keyframe',
    '-frag_duration',
    '20000',
  ]
  const { stdout } = await run(
    ffmpeg(),
    ['-v', 'error', ...source, ...codec, ...output, '-strict', '-2', 'pipe:1'],
    {
      encoding: 'buffer',
    },
  )
  return stdout
}

/** Decoded samples of a file, 16 bits each, of the first channel. */
async function decoded(path: string): Promise<Int16Array> {
  const { stdout } = await run(
    ffmpeg(),
    ['-v', 'error', '-xerror', '-i', path, '-ac', '1', '-f', 's16le', 'pipe:1'],
    {
      encoding: 'buffer',
      maxBuffer: 1 << 26,
    },
  )
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2)
}

const loudest = (samples: Int16Array) => samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0)

for (const [name, codec, rate, channels] of [
  ['AAC, one channel', ['-c:a', 'aac'], 16_000, 1],
  ['AAC, two channels', ['-c:a', 'aac'], 48_000, 2],
  ['Opus', ['-c:a', 'libopus'], 48_000, 2],
  ['FLAC of 8 kHz, as a camera with G.711 has it', ['-c:a', 'flac'], 8000, 1],
  ['FLAC, two channels of 24 bits', ['-c:a', 'flac', '-sample_fmt', 's32'], 48_000, 2],
] as const)
  t.test(`what stands for silence is none, or breaks a decoder: ${name}`, async t => {
    const bytes = await tone(codec, rate, channels)
    const { inits, fragments } = read([bytes])
    const [init] = inits
    const track = init!.tracks[0]!
    const folder = await temporaryFolder(t)
    const samplesOf = async (file: string, ...pieces: readonly Uint8Array[]) => {
      await writeFile(join(folder, file), Buffer.concat([init!.bytes, ...pieces]))
      return decoded(join(folder, file))
    }
    const frame = silentFrame(track)!
    const { moof, mdat } = silentFragment(track, frame, 0, FRAMES)
    const silence = await samplesOf('silence.mp4', moof, mdat)
    const expected = FRAMES * frame.duration
    t.ok(
      Math.abs(silence.length - expected) <= 2 * frame.duration,
      `${silence.length} samples of ${expected}`,
    )
    t.equal(loudest(silence), 0)

    const real = await samplesOf('tone.mp4', ...fragments.flatMap(one => [one.moof, one.mdat]))
    t.ok(loudest(real) > 1000, 'the tone is heard')
  })

t.test('something else is taken for silence', async t => {
  const { inits } = read([await tone(['-c:a', 'libmp3lame'], 48_000, 1)])
  t.equal(silentFrame(inits[0]!.tracks[0]!), undefined)
})
