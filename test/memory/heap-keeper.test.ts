import t from 'tap'
import { HeapKeeper } from '../../src/memory/heap-keeper.ts'

const MIB = 1024 * 1024
const SECOND = 1000
const CALM = 0.05
const BUSY = 0.6

/** A heap of which 20 MB are in use; buffers hold what is said beside what is counted. */
function keeper() {
  let compactions = 0
  let collections = 0
  const heap = new HeapKeeper({
    counted: () => 5 * MIB,
    compact: () => {
      compactions++
      return 20 * MIB
    },
    collectInBackground: () => {
      collections++
    },
  })
  let now = 60 * SECOND
  return (megabytes: number, utilization: number, loose = 0) => {
    now += SECOND
    const usage = { ...process.memoryUsage(), heapTotal: megabytes * MIB, arrayBuffers: (5 + loose) * MIB }
    heap.look(usage, utilization, now)
    return { compactions, collections }
  }
}

t.test('a heap that has hardly grown is compacted', async t => {
  const look = keeper()
  for (const megabytes of [20, 23, 25, 21]) t.equal(look(megabytes, CALM).compactions, 0)
})

t.test('what a burst left behind stays for ever', async t => {
  const look = keeper()
  look(20, CALM)
  t.equal(look(26, CALM).compactions, 1)
  for (let second = 0; second < 9; second++) t.equal(look(26, CALM).compactions, 1, 'not at once again')
  t.equal(look(26, CALM).compactions, 2)
})

t.test('a busy server is compacted again and again although it takes back at once what it gives', async t => {
  const look = keeper()
  look(20, CALM)
  t.equal(look(30, BUSY).compactions, 1)
  for (let second = 0; second < 59; second++) t.equal(look(30, BUSY).compactions, 1)
  t.equal(look(30, BUSY).compactions, 2)
  for (let second = 0; second < 20; second++) look(30, BUSY)
  t.equal(look(30, CALM).compactions, 3, 'as soon as there is less to do')
})

t.test('old garbage outside of the heap is left lying', async t => {
  const look = keeper()
  t.equal(look(20, BUSY, 1).collections, 0)
  t.equal(look(20, BUSY, 3).collections, 1)
})
