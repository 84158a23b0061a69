import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { readEvent } from '../../src/event-feed/change.ts'
import { BoundedMap, heapBytes } from '../../src/upstream/bounded-map.ts'

t.test('entries that are large must not be as many as small ones', async t => {
  const map = new BoundedMap<string, string>(64 * 1024, heapBytes)
  for (let i = 0; i < 1000; i++) map.set(`${i}`, 'x'.repeat(10_000))
  t.ok(map.bytes <= 64 * 1024)
  t.ok(map.get('999'))
  t.equal(map.get('990'), undefined)
  for (let i = 0; i < 100; i++) map.set(`small ${i}`, 'x')
  t.ok(map.get('small 0'), 'of small ones there is room for more')
  map.set('small 0', 'x'.repeat(100_000))
  t.equal(map.get('small 0'), undefined, 'what alone is too large is not kept')
  t.equal(map.bytes, 0)
})

t.test('what was used last must not go first', async t => {
  const map = new BoundedMap<string, string>(3 * heapBytes('a', 'x'), heapBytes)
  for (const key of ['a', 'b', 'c']) map.set(key, 'x')
  map.get('a')
  map.set('d', 'x')
  t.equal(map.get('a'), 'x')
  t.equal(map.get('b'), undefined)
})

t.test('an event with endless texts must not be kept whole', async t => {
  const long = 'x'.repeat(1_000_000)
  const event = { id: '1', camera: 'Garden', label: long, zones: [long], start_time: 1, end_time: null }
  t.match(readEvent(event), { label: 'x'.repeat(100), zones: ['x'.repeat(100)] })
  t.equal(readEvent(event)!.label.length, 100)
  t.equal(readEvent({ ...event, camera: long }), undefined)

  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 40 }, () => readEvent(JSON.parse(JSON.stringify(event))))
  collect()
  const grown = process.memoryUsage().heapUsed - before
  t.ok(grown < 10_000_000, `${kept.length} events take ${grown} bytes`)
})
