import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { readEvent } from '../../src/event-feed/change.ts'

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
