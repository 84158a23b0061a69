import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { LRUCache } from 'lru-cache'
import t from 'tap'
import { heapBytes } from '../../src/memory/heap-bytes.ts'

const LIMIT = 8 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

for (const [length, what] of [
  [10, 'short'],
  [2000, 'long'],
] as const)
  t.test(`a cache of ${what} texts would take more of the heap than its limit`, async t => {
    collect()
    const before = process.memoryUsage().heapUsed
    const cache = new LRUCache<string, { text: string }>({
      maxSize: LIMIT,
      sizeCalculation: ({ text }, key) => heapBytes(key, text),
    })
    for (let i = 0; i < 60_000; i++) cache.set(`key ${i}`, { text: `${i}`.padEnd(length, 'x') })
    collect()
    const grown = process.memoryUsage().heapUsed - before
    t.ok(cache.calculatedSize > LIMIT * 0.99 && cache.calculatedSize <= LIMIT, 'it is full')
    t.ok(grown < LIMIT * 1.1, `${cache.size} entries take ${grown} bytes`)
  })
