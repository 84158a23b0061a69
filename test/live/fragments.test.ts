import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import type { Fragment } from '../../src/fmp4/fragment.ts'
import { FragmentReader } from '../../src/fmp4/reader.ts'
import { footage, LIMITS } from '../support/fmp4.ts'
import { CountedMemory } from '../support/memory.ts'
import { random } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cc } from '../support/tools.ts'

/** What the relay finds in each of these, compiled with checks for what it reads past. */
async function found(t: Parameters<typeof temporaryFolder>[0], fragments: readonly Buffer[]) {
  const program = join(await temporaryFolder(t), 'fragments')
  const flags = [
    '-O1',
    '-g',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
  ]
  execFileSync(cc(), [...flags, '-o', program, join(import.meta.dirname, '../support/fragments.c')])
  const input = fragments.flatMap(fragment => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(fragment.length)
    return [length, fragment]
  })
  const output = execFileSync(program, { input: Buffer.concat(input), maxBuffer: 1 << 28 }).toString()
  return output
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, number> | null)
}

const [init, ...ordinary] = footage(
  { audio: 'aac', sampleRate: 48_000, bitrate: 100_000, fps: 30, gop: 1 },
  60,
)

/** The first that JavaScript reads; undefined where it does not come out as it went in. */
function readByJavaScript(bytes: Buffer): Fragment | undefined {
  const fragments: Fragment[] = []
  const reader = new FragmentReader(LIMITS, new CountedMemory(), {
    init() {},
    fragment: fragment => fragments.push(fragment),
  })
  try {
    reader.push(init!)
    reader.push(bytes)
  } catch {
    // What comes behind the first is another matter.
  }
  const [first] = fragments
  const whole = first && Buffer.concat([first.moof, first.mdat])
  return whole?.equals(bytes.subarray(0, whole.length)) ? first : undefined
}

const asFound = (fragment: Fragment) => ({
  length: fragment.moof.length + fragment.mdat.length,
  stamp: fragment.tfdtOffset,
  track: fragment.track.index,
  time: fragment.decodeTime,
  duration: fragment.duration,
})

t.test('an ordinary fragment is not relayed, or understood in another way than JavaScript does', async t => {
  const beginning = ordinary.filter(bytes => {
    const { decodeTime, track } = readByJavaScript(bytes)!
    return decodeTime <= 2 * track.timescale
  })
  t.ok(beginning.length > 50)
  t.same(
    await found(t, beginning),
    beginning.map(bytes => asFound(readByJavaScript(bytes)!)),
  )
})

t.test(
  'a broken fragment is read past its end, or relayed although JavaScript would not send it so',
  async t => {
    const next = random(Number(process.env.SEED ?? 1))
    const upTo = (n: number) => Math.floor(next() * n)
    const evil = [0, 1, 7, 8, 9, 12, 15, 16, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
    const broken = Array.from({ length: Number(process.env.MUTATIONS ?? 20_000) }, () => {
      const bytes = Buffer.from(ordinary[upTo(20)]!)
      const head = 160
      for (let change = upTo(3); change >= 0; change--) {
        const at = upTo(Math.min(head, bytes.length - 4))
        const kind = upTo(4)
        if (kind === 0) bytes[at] = upTo(256)
        else if (kind === 1) bytes.writeUInt32BE(evil[upTo(evil.length)]!, at)
        else if (kind === 2) bytes.writeUInt32BE(evil[upTo(evil.length)]!, at - (at % 4))
        else bytes.copyWithin(at, at + 1 + upTo(16))
      }
      return upTo(4) === 0 ? bytes.subarray(0, upTo(bytes.length)) : bytes
    })
    const results = await found(t, broken)
    t.equal(results.length, broken.length)
    const relayed = [...results.entries()].filter(([, result]) => result)
    const wrong = relayed.filter(([i, result]) => {
      const fragment = readByJavaScript(broken[i]!)
      return !fragment || JSON.stringify(asFound(fragment)) !== JSON.stringify(result)
    })
    t.ok(relayed.length > broken.length / 20, `${relayed.length} of ${broken.length} are relayed`)
    t.ok(relayed.length < broken.length * 0.9)
    for (const [i, result] of wrong.slice(0, 3))
      t.fail(`${broken[i]!.subarray(0, 160).toString('hex')}: ${JSON.stringify(result)}`)
    t.equal(wrong.length, 0)
  },
)
