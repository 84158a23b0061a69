import t from 'tap'
import { children, viewOf } from '../../src/fmp4/boxes/box.ts'
import { NON_SYNC, type Sample } from '../../src/fmp4/fragments/fragment.ts'
import { SampleTable } from '../../src/fmp4/plain/sample-table.ts'

const sample = (duration: number, more: Partial<Sample> = {}): Sample => ({
  duration,
  size: 100,
  flags: 0,
  compositionOffset: 0,
  ...more,
})

/** The 32-bit words of each box behind version and flags. */
function words(table: SampleTable): Record<string, number[]> {
  const bytes = Buffer.concat(table.boxes())
  const view = viewOf(bytes)
  return Object.fromEntries(
    [...children(view, 0, bytes.length)].map(({ type, body, end }) => [
      type,
      Array.from({ length: (end - body) / 4 - 1 }, (_, i) => view.getUint32(body + 4 + i * 4)),
    ]),
  )
}

t.test('a hole or an overlap between fragments would shift everything behind it', async t => {
  const table = new SampleTable()
  table.add(1000, 1, 40, [sample(10), sample(10)])
  table.add(1050, 1, 500, [sample(10)])
  table.add(1055, 1, 900, [sample(10), sample(10)])
  t.equal(table.start, 1000)
  t.equal(table.duration, 75)
  t.same(
    words(table).stts,
    [4, 1, 10, 1, 40, 1, 5, 2, 10].map((word, i) => (i === 0 ? 4 : word)),
  )
})

t.test('what is the same for all samples would be written for each', async t => {
  const table = new SampleTable()
  for (let i = 0; i < 100; i++) table.add(i * 20, 1, i * 1000, [sample(10), sample(10)])
  const { stts, stsc, stss, ctts, stsz, stco } = words(table)
  t.same(stts, [1, 200, 10])
  t.same(stsc, [1, 1, 2, 1])
  t.equal(stss, undefined, 'all are sync samples')
  t.equal(ctts, undefined, 'none is shown out of order')
  t.equal(stsz?.length, 202)
  t.same(
    stco?.slice(1),
    Array.from({ length: 100 }, (_, i) => i * 1000),
  )
})

t.test('a change of description, order or place would be lost', async t => {
  const table = new SampleTable()
  table.add(0, 1, 2 ** 32 + 8, [sample(10), sample(10, { flags: NON_SYNC, compositionOffset: -5 })])
  table.add(undefined, 2, 8, [sample(10, { flags: NON_SYNC, compositionOffset: 20 })])
  t.equal(table.duration, 30)
  t.equal(table.shown, 50)
  const { stsc, stss, ctts, co64 } = words(table)
  t.same(stsc, [2, 1, 2, 1, 2, 1, 2])
  t.same(stss, [1, 1])
  t.same(ctts, [3, 1, 0, 1, 0xffff_fffb, 1, 20])
  t.same(co64, [2, 1, 8, 0, 8])
})

t.test('many samples would not come out as they went in', async t => {
  const table = new SampleTable()
  for (let i = 0; i < 5000; i++) table.add(undefined, 1, i, [sample(1 + (i % 3), { size: i })])
  const { stts, stsz } = words(table)
  t.same(
    stsz?.slice(2),
    Array.from({ length: 5000 }, (_, i) => i),
  )
  t.equal(stts?.[0], 5000)
  t.same(stts?.slice(-4), [1, 1, 1, 2])
})
