import t from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { compactHeap } from '../../src/memory/heap.ts'
import { Trim } from '../../src/memory/trim.ts'
import { liveStreams, ManualSource } from '../support/live.ts'
import { camera } from '../support/live-footage.ts'

t.test('garbage stays although it was to be collected', async t => {
  let heap: unknown[] | undefined = Array.from({ length: 300_000 }, (_, i) => ({ i }))
  compactHeap()
  const full = process.memoryUsage().heapUsed
  t.ok(heap.length)
  heap = undefined
  compactHeap()
  t.ok(process.memoryUsage().heapUsed < full - 5_000_000)
})

t.test('two who ask at once trim twice', async t => {
  let runs = 0
  const trim = new Trim([() => ++runs, async () => 2])
  const [first, second] = await Promise.all([trim.run(), trim.run()])
  t.equal(first, second)
  t.equal(first.released, 3)
  t.equal(runs, 1)
})

t.test('a stream that is held warm is closed, or keeps its pictures', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, {}, source)
  const footage = camera()
  live.hold('Door')
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(footage.init)
  const hub = await finding
  source.send(...footage.take(10))
  t.ok(hub.media.gop.start)
  t.equal(live.trim(), 1)
  t.equal(hub.state, 'live')
  t.equal(hub.media.gop.start, undefined)
  t.equal(live.trim(), 0, 'there is nothing more to let go of')
  live.release('Door')
  t.equal(live.trim(), 1)
  t.equal(hub.state, 'closed')
  t.equal(live.budget.used, 0)
})
