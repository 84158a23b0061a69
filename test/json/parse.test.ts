import t from 'tap'
import { JsonUnreadable, JsonUnwieldy } from '../../src/json/errors.ts'
import { parseJson } from '../../src/json/parse.ts'
import { random } from '../support/random.ts'

t.test('a text that becomes far more than its bytes must be refused before anything is made of it', t => {
  for (const text of [
    '['.repeat(1_900_000),
    `[${'{},'.repeat(1_300_000)}{}]`,
    `[${'0,'.repeat(30_000)}0]`,
    `{${'"a":[],'.repeat(30_000)}"b":0}`,
  ])
    t.throws(() => parseJson(text), JsonUnwieldy, text.slice(0, 10))
  for (const text of ['', '{', '[1,]', 'nil', '"\n"', '[1]]', '{"a"}'])
    t.throws(() => parseJson(text), JsonUnreadable)
  t.end()
})

t.test('what is within the limits must be read as JSON.parse reads it', t => {
  const limits = { depth: 3, values: 5 }
  t.same(parseJson('[[[1]]]', limits), [[[1]]])
  t.throws(() => parseJson('[[[[]]]]', limits), JsonUnwieldy)
  t.same(parseJson('[1,2,3,4]', limits), [1, 2, 3, 4])
  t.throws(() => parseJson('[1,2,3,4,5]', limits), JsonUnwieldy)
  t.end()
})

t.test('brackets, commas and quotes in a string must not be counted', t => {
  const next = random(16)
  const letters = ['"', '\\', '[', '{', ',', '}', ']', 'é', '\n', '😀', ' ']
  for (let i = 0; i < 2000; i++) {
    const word = () =>
      Array.from(
        { length: Math.floor(next() * 12) },
        () => letters[Math.floor(next() * letters.length)],
      ).join('')
    const value = { [word()]: word(), b: [word(), { c: word() }] }
    t.same(parseJson(JSON.stringify(value), { depth: 3, values: 6 }), value, JSON.stringify(value))
  }
  t.end()
})

t.test('quotes behind backslashes must cost linear work', t => {
  const text = `"${'\\\\'.repeat(300_000)}${'\\"'.repeat(300_000)}"`
  t.equal(parseJson(text), JSON.parse(text))
  t.end()
})
