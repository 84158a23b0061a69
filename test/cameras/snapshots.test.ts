import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { SnapshotCache } from '../../src/cameras/snapshots.ts'

const OWNER = { user: 1, token: 'a' }
const picture = (bytes: number) => ({ jpeg: Buffer.alloc(bytes), stale: false })

t.test('ten dashboards at once would make ten requests', async t => {
  let taken = 0
  const cache = new SnapshotCache(async () => {
    taken++
    await after(20)
    return picture(10)
  })
  await Promise.all(Array.from({ length: 10 }, () => cache.get('A', OWNER, { height: 100 })))
  t.equal(taken, 1)
  await cache.get('A', OWNER, { height: 200 })
  t.equal(taken, 2, 'another size is another picture')
})

t.test('a picture would stay when it is no longer fresh', async t => {
  let taken = 0
  const take = async () => {
    taken++
    return picture(10)
  }
  const cache = new SnapshotCache(take, { freshMs: 30 })
  await cache.get('A', OWNER)
  while (cache.bytes > 0) await after(10)
  await cache.get('A', OWNER)
  t.equal(taken, 2)
})

t.test('SnapshotBytes: pictures of many sizes would fill the memory', async t => {
  const cache = new SnapshotCache(async () => picture(1000), { bytes: 5000, freshMs: 60_000 })
  for (let height = 1; height <= 100; height++) await cache.get('A', OWNER, { height })
  t.ok(cache.bytes > 3000 && cache.bytes <= 5000, `${cache.bytes} bytes`)
  t.equal(cache.size, 3)
})

t.test('SnapshotEntries: pictures of many sizes would be kept', async t => {
  const cache = new SnapshotCache(async () => picture(1), { entries: 3, freshMs: 60_000 })
  for (let height = 1; height <= 100; height++) await cache.get('A', OWNER, { height })
  t.equal(cache.size, 3)
})

t.test('a failure would be kept', async t => {
  let taken = 0
  const cache = new SnapshotCache(async () => {
    if (taken++ === 0) throw new Error('down')
    return picture(1)
  })
  await t.rejects(cache.get('A', OWNER))
  t.ok(await cache.get('A', OWNER))
})
