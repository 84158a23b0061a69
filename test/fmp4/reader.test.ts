import t from 'tap'
import { mimeType } from '../../src/fmp4/init/init-segment.ts'
import { box, footage, LIMITS, read, wideBox } from '../support/fmp4.ts'

const [init, ...boxes] = footage({ fps: 10, gop: 0.5, bitrate: 40_000 }, 12) as [Buffer, ...Buffer[]]
const whole = Buffer.concat([init, ...boxes])
const summary = (chunks: Iterable<Uint8Array>) => {
  const { inits, fragments, memory } = read(chunks)
  return {
    inits: inits.map(one => one.bytes.toString()),
    fragments: fragments.map(({ moof, mdat, decodeTime, duration, sync, track }) => ({
      bytes: Buffer.concat([moof, mdat]).toString('base64'),
      decodeTime,
      duration,
      sync,
      codec: track.codec,
    })),
    used: memory.used,
  }
}
const expected = summary([whole])

t.test('input split at every byte offset gives the same fragments', async t => {
  for (let at = 1; at < whole.length; at++) {
    const actual = summary([whole.subarray(0, at), whole.subarray(at)])
    if (JSON.stringify(actual) !== JSON.stringify(expected)) return t.fail(`split at ${at}`)
  }
  t.same(summary([...whole].map(byte => Uint8Array.of(byte))), expected, 'byte by byte')
})

t.test('every byte of what is kept is counted once', async t => {
  const { inits, fragments, memory } = read([whole])
  let bytes = inits[0]!.bytes.length
  for (const { moof, mdat } of fragments) bytes += moof.length + mdat.length
  t.equal(memory.used, bytes)
  t.equal(bytes, whole.length)
})

t.test('codecs, decode times, durations and sync samples are read as they were written', async t => {
  const { inits, fragments } = read([whole])
  t.match(mimeType(inits[0]!), /^video\/mp4; codecs="avc1\.[0-9a-f]{6},mp4a\.40\.2"$/)
  const video = fragments.filter(fragment => fragment.track.kind === 'video')
  t.ok(video[0]!.sync)
  t.notOk(video[1]!.sync)
  let end = video[0]!.decodeTime
  for (const fragment of video) {
    t.equal(fragment.decodeTime, end)
    end += fragment.duration
  }
})

t.test('kept bytes do not change with the buffer they came in', async t => {
  const chunk = Buffer.from(whole)
  const { fragments } = read([chunk])
  chunk.fill(0)
  t.equal(
    Buffer.concat([fragments[0]!.moof, fragments[0]!.mdat]).toString('base64'),
    expected.fragments[0]!.bytes,
  )
})

t.test('boxes with 64-bit sizes are read like others', async t => {
  const [moof, mdat] = splitBoxes(boxes[0]!)
  const { fragments } = read([init, moof, wideBox('mdat', mdat.subarray(8))])
  t.equal(fragments[0]!.mdat.toString(), mdat.toString())
})

t.test('boxes that nobody needs are passed over without being held', async t => {
  const { fragments, memory } = read([init, box('free', Buffer.alloc(1 << 20)), boxes[0]!])
  t.equal(fragments.length, 1)
  t.ok(memory.peak < init.length + 2 * boxes[0]!.length)
})

t.test('what is wrong with a stream is one coded error, and nothing stays taken', async t => {
  const [moof, mdat] = splitBoxes(boxes[0]!)
  const cases: Record<string, Buffer[]> = {
    FMP4_BOX_TOO_SMALL: [box('moov', undefined, 7)],
    FMP4_BOX_TOO_LARGE: [init, moof, box('mdat', Buffer.alloc(0), LIMITS.fragmentBytes)],
    FMP4_BOX_OUT_OF_ORDER: [init, mdat],
    FMP4_BOX_MISSING: [splitBoxes(init)[0], box('moov')],
    FMP4_BOX_OVERRUN: [splitBoxes(init)[0], box('moov', box('trak', undefined, 100))],
    FMP4_BOX_MALFORMED: [init, box('mdat', undefined, 0)],
  }
  for (const [code, chunks] of Object.entries(cases)) {
    const { reader, memory } = read([])
    t.throws(
      () => {
        for (const chunk of chunks) reader.push(chunk)
      },
      { code },
      code,
    )
    reader.close()
    t.ok(memory.used <= init.length, `${code} holds at most the init segment`)
  }
})

t.test('a size beyond the limit takes no memory, whatever it claims', async t => {
  for (const claimed of [
    wideBox('mdat', Buffer.alloc(0), 2n ** 62n),
    box('mdat', Buffer.alloc(0), 0xffff_fff0),
  ]) {
    const [moof] = splitBoxes(boxes[0]!)
    const { reader, memory } = read([init, moof])
    const before = memory.used
    t.throws(() => reader.push(claimed), { code: 'FMP4_BOX_TOO_LARGE' })
    t.equal(memory.used, before)
  }
  const { reader } = read([])
  t.throws(() => reader.push(box('ftyp', Buffer.alloc(0), LIMITS.initBytes + 1)), {
    code: 'FMP4_BOX_TOO_LARGE',
  })
})

t.test('an endless moov ends at its limit', async t => {
  const { reader, memory } = read([splitBoxes(init)[0]])
  t.throws(() => reader.push(wideBox('moov', Buffer.alloc(0), 2n ** 40n)), { code: 'FMP4_BOX_TOO_LARGE' })
  t.ok(memory.peak < LIMITS.initBytes)
})

t.test('samples that claim more than mdat holds are refused', async t => {
  const [moof, mdat] = splitBoxes(boxes[0]!)
  const { reader } = read([init, moof])
  t.throws(() => reader.push(box('mdat', mdat.subarray(8, 20))), { code: 'FMP4_BOX_MALFORMED' })
})

function splitBoxes(bytes: Buffer): [Buffer, Buffer] {
  const first = bytes.readUInt32BE(0)
  return [bytes.subarray(0, first), bytes.subarray(first)]
}

t.test('H.265 of go2rtc, which leaves its level out, is announced as level 0', t => {
  const hvcC = (digits: string) => ({ config: Buffer.from(digits, 'hex'), video: 'h265' as const })
  const codecOf = (options: ReturnType<typeof hvcC>) =>
    read([footage({ ...options, audio: 'none' }, 1)[0]!]).inits[0]!.tracks[0]!.codec
  const head = `01016000000000000000000000000000000000000003`
  const vps = '2000010018' + '40010c01ffff016000000300900000030000030' + '03cba0240'
  const sps =
    '2100010029420101016000000300900000030000' + '03003ca00a080c1f3e5ba4a4c2f0168080000003008000000504'
  const pps = '22000100064401c073c189'
  t.equal(codecOf(hvcC(`${head}03${vps}${sps}${pps}`)), 'hev1.1.6.L60.90')
  t.equal(codecOf(hvcC(`${head}01${vps}`)), 'hev1.1.6.L0.0', 'without an SPS it stays what it says')
  t.equal(codecOf(hvcC(`${head}03${vps}${sps.slice(0, 20)}`)), 'hev1.1.6.L0.0', 'or with half of one')
  t.end()
})
