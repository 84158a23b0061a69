import t from 'tap'
import { fuzz } from '../support/fuzz.ts'
import { brokenStream, readBroken, turnBroken } from '../support/mutations.ts'

t.test('a broken stream crashes the reader, or makes it take what it claims', async t => {
  const ends = await fuzz(t, {
    part: 0.25,
    run: choose => {
      const bytes = brokenStream(choose)
      return readBroken(bytes, 1 + choose.upTo(bytes.length))
    },
  })
  for (const code of ends.keys()) t.match(code, /^(FMP4_|read to the end)/)
  t.ok(ends.has('read to the end') || process.env.FUZZ_CASES === '0')
})

t.test('a broken clip crashes what makes it seekable, or depends on how it is split', async t => {
  await fuzz(t, {
    part: 0.05,
    run: choose => {
      const bytes = brokenStream(choose)
      return turnBroken(bytes, 1 + choose.upTo(bytes.length))
    },
  })
})
