import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { type ClipFile, ClipFiles } from '../../src/clips/clip-files.ts'
import { parseRange } from '../../src/http/range.ts'

t.test('a range would be read wrongly', async t => {
  for (const [header, expected] of [
    [undefined, undefined],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes= 5-6', { start: 5, end: 6 }],
    ['BYTES=5-6', { start: 5, end: 6 }],
    ['bytes=5 - 6', undefined],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=20-10', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['bytes=0-1,b-6', undefined],
    ['bytes=100-,200-', 'unsatisfiable'],
    ['bytes', undefined],
    ['', undefined],
    ['items=0-1', undefined],
    ['bytes=a-b', undefined],
    ['bytes=99999999999999999999-', 'unsatisfiable'],
  ] as const)
    t.same(parseRange(header, 100), expected, String(header))
  for (const header of ['bytes=0-', 'bytes=-5', 'bytes=0-0'])
    t.equal(parseRange(header, 0), 'unsatisfiable', `${header} of nothing`)
})

async function put(
  files: ClipFiles,
  id: string,
  bytes: number,
  keepMs?: number,
): Promise<ClipFile | undefined> {
  const { file, handle } = await files.create(id)
  const fits = await files.grow(file, bytes)
  if (fits) {
    await handle.write(Buffer.alloc(bytes, 1))
    await files.commit(file, 'etag', keepMs)
  }
  await handle.close()
  await files.release(file)
  return fits ? file : undefined
}
const onDisk = (folder: string) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

t.test('ClipCacheMb: clips would take more of the disk than they may', async t => {
  const folder = join(t.testdir({}), 'clips')
  const files = await ClipFiles.open(folder, 1000)
  await put(files, 'a', 400)
  await put(files, 'b', 400)
  const a = files.use('a')!
  await put(files, 'c', 400)
  t.notOk(files.use('b'), 'the one that was used longest ago is gone')
  await files.release(a)
  t.equal(files.bytes, 800)
  t.equal(onDisk(folder), 800)
  t.notOk(await put(files, 'd', 1001), 'what never fits drives nothing out for good')
  await Promise.all(Array.from({ length: 20 }, (_, i) => put(files, `p${i}`, 300)))
  t.ok(files.bytes <= 1000)
  t.equal(onDisk(folder), files.bytes)
})

t.test('a clip that is played would be driven out', async t => {
  const folder = join(t.testdir({}), 'clips')
  const files = await ClipFiles.open(folder, 1000)
  await put(files, 'a', 800)
  const a = files.use('a')!
  t.notOk(await put(files, 'b', 400))
  t.equal(files.use('a')?.users, 2)
  await files.release(a)
  await files.release(a)
  t.ok(await put(files, 'b', 400))
})

t.test('what a crash leaves would be taken for a clip, or other files for ours', async t => {
  const folder = join(t.testdir({}), 'clips')
  mkdirSync(folder)
  const write = (name: string, bytes: number, usedAt: number) => {
    writeFileSync(join(folder, name), Buffer.alloc(bytes))
    utimesSync(join(folder, name), usedAt, usedAt)
  }
  write('7.part', 500, 1)
  write('8.brief', 500, 1)
  write('notes.txt', 10, 1)
  write('new~e.final.mp4', 600, 300)
  write('older~e.final.mp4', 300, 200)
  write('oldest~e.final.mp4', 300, 100)
  // Of an earlier version, which kept clips that were not whole.
  write('short~e.mp4', 300, 400)
  const files = await ClipFiles.open(folder, 1000)
  t.same(readdirSync(folder).sort(), ['new~e.final.mp4', 'notes.txt', 'older~e.final.mp4'])
  t.equal(files.bytes, 900)
  t.match(files.use('new'), { etag: 'e', bytes: 600 })
})

t.test('the clip of an event that goes on would be kept for ever', async t => {
  const folder = join(t.testdir({}), 'clips')
  const files = await ClipFiles.open(folder, 1000)
  await put(files, 'a', 400, 20)
  t.equal(files.count, 1)
  while (files.count > 0) await after(10)
  while (files.bytes > 0) await after(10)
  t.same(readdirSync(folder), [])
})
