import t from 'tap'
import { mutate } from '../support/mutations.ts'

t.test('a broken stream crashes the reader, or makes it take what it claims', async t => {
  const ends = mutate(Number(process.env.MUTATIONS ?? 5000), Number(process.env.SEED ?? 1))
  for (const code of ends.keys()) t.match(code, /^(FMP4_|read to the end)/)
  t.ok(ends.size > 6, `${[...ends].map(([code, count]) => `${code}: ${count}`).join(', ')}`)
})
