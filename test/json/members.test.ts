import t from 'tap'
import { JsonTooLarge, JsonUnreadable } from '../../src/json/errors.ts'
import { type Container, MemberSplitter } from '../../src/json/member-splitter.ts'
import { type MembersLimits, membersOf } from '../../src/json/members.ts'
import { RowsWriter } from '../../src/json/rows-writer.ts'

const LIMITS = { memberBytes: 1000, bytes: 10_000, member: { depth: 8, values: 100 } }
const ARRAY: Container = { kind: 'array', path: [] }
const OBJECT: Container = { kind: 'object', path: [] }
const CAMERAS: Container = { kind: 'object', path: ['cameras'] }

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, container: Container, size = 7, limits: MembersLimits = LIMITS) {
  const members: [string | undefined, unknown][] = []
  for await (const some of membersOf(chunksOf(text, size), container, limits))
    for (const { name, value } of some) members.push([name, value])
  return members
}

t.test('a text that is split anywhere must be read as if it were whole', async t => {
  const rows = [{ a: '[{"\\', b: [1, { c: null }] }, 'é😀"}', 0, -1.5e3, true, null, [], {}, '\\"', '']
  const pretty = JSON.stringify(rows, null, 2)
  for (const text of [JSON.stringify(rows), pretty, ` \n${pretty}\t`])
    for (let size = 1; size < 40; size++)
      t.same(
        (await read(text, ARRAY, size)).map(([, value]) => value),
        rows,
        `${size} bytes at once`,
      )
  for (let size = 1; size < 30; size++) {
    const house = { mqtt: { cameras: { no: 1 } }, cameras: { 'a"b': { zones: {} }, é: [1] }, z: ['cameras'] }
    t.same(await read(JSON.stringify(house), CAMERAS, size), Object.entries(house.cameras))
    t.same(await read(JSON.stringify(rows[0]), OBJECT, size), Object.entries(rows[0]!))
  }
  for (const [text, container] of [
    ['[]', ARRAY],
    [' [ ] ', ARRAY],
    ['{}', OBJECT],
    ['{"x":1,"cameras":{ }}', CAMERAS],
  ] as const)
    t.same(await read(text, container), [], text)
})

t.test('what is no JSON, or another, must not be read as members', async t => {
  const wrong = ['', ' ', '[', '[1', '[1,]', '[,1]', '[1 2]', '[1:2]', '["a]', '{}', 'null', '1', '"[]"']
  for (const text of [...wrong, '[]x', '[]]', ']', '<html>', '[tru]', '[1]{}', '[1][2]', '[{"a":}]', '[{]}'])
    await t.rejects(read(text, ARRAY), JsonUnreadable, text)
  const names = [
    '[]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{:1}',
    '{a:1}',
    '{"a":1:2}',
    '{"a" 1}',
    '{,}',
    '{"a":1',
  ]
  for (const text of names) await t.rejects(read(text, OBJECT), JsonUnreadable, text)
  const cameras = [
    '{}',
    '{"cameras":null}',
    '{"cameras":[]}',
    '[{"cameras":{}}]',
    '{"x":{"cameras":{"a":1}}}',
  ]
  for (const text of cameras) await t.rejects(read(text, CAMERAS), JsonUnreadable, text)
})

t.test('a text must not be longer than the limit says, whatever is in it', async t => {
  const limits = { memberBytes: 60, bytes: 60, member: { depth: 4, values: 100 } }
  const of = (text: string, container = ARRAY) => read(text, container, 5, limits)
  t.equal((await of('[1,2,3]')).length, 3)
  await t.rejects(of(`["${'x'.repeat(60)}`), JsonTooLarge, 'also before it ends')
  await t.rejects(of(`[${' '.repeat(60)}]`), JsonTooLarge)
  await t.rejects(
    read(`{"${'x'.repeat(1100)}":1}`, OBJECT, 5, { ...limits, bytes: 2000, memberBytes: 2000 }),
    JsonTooLarge,
    'a name',
  )
})

t.test('a member that is beyond a limit must not take the others with it', async t => {
  const limits = { memberBytes: 20, bytes: 1000, member: { depth: 3, values: 5 } }
  for (const container of [ARRAY, OBJECT])
    for (const odd of [
      `"${'x'.repeat(19)}"`,
      `"${'x'.repeat(90)}"`,
      '[[[[]]]]',
      '[1,2,3,4,5]',
      '[{},{},{},{}]',
    ])
      for (let size = 1; size < 40; size++) {
        const text = container === ARRAY ? `[1,${odd},2]` : `{"a":1,"b":${odd},"c":2}`
        t.same(
          (await read(text, container, size, limits)).map(([, value]) => value),
          [1, undefined, 2],
          `${text.slice(0, 30)}, ${size} bytes at once`,
        )
      }
  const within = `[1,"${'x'.repeat(18)}",[[[]]],[1,2,3,4],2]`
  t.same(
    (await read(within, ARRAY, 5, limits)).map(([, value]) => value),
    JSON.parse(within),
  )
})

t.test('what is outside the container must cost nothing, however deep it is', async t => {
  const deep = '['.repeat(2000) + ']'.repeat(2000)
  t.same(await read(`{"x":${deep},"cameras":{"a":1}}`, CAMERAS), [['a', 1]])
})

t.test('what nobody reads any more must not be asked for', async t => {
  let given = 0
  async function* endless() {
    yield Buffer.from('[0')
    for (;;) {
      given++
      yield Buffer.from(',1')
    }
  }
  const limits = { ...LIMITS, bytes: Number.POSITIVE_INFINITY }
  for await (const members of membersOf(endless(), ARRAY, limits)) if (members.length > 0 && given > 5) break
  t.ok(given < 10, `${given} pieces`)
})

t.test('a thousand brackets, quotes or backslashes must cost linear work', t => {
  for (const piece of ['[', '{', '"', '\\', '"\\', '[[]', '{"a":', ',', ':', '"a":[']) {
    const splitter = new MemberSplitter(ARRAY, 1e6)
    try {
      splitter.push(Buffer.from(`[${piece.repeat(100_000)}`))
    } catch (error) {
      t.ok(error instanceof JsonUnreadable, piece)
    }
  }
  t.end()
})

t.test('what is written row by row must be one array', t => {
  const writer = new RowsWriter(40)
  t.equal(new RowsWriter(10).end().toString(), '[]')
  writer.add([])
  writer.add([{ a: 'é' }])
  writer.add([1, null])
  t.same(JSON.parse(writer.end().toString()), [{ a: 'é' }, 1, null])
  t.throws(() => writer.add(['x'.repeat(40)]), JsonTooLarge)
  t.end()
})
