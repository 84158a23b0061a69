import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { readContainer } from '../../src/memory/container.ts'
import { readProcess } from '../../src/memory/process-reading.ts'
import { readMemory, unreclaimable } from '../../src/memory/unreclaimable.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function groups(t: Test, files: Record<string, string>, membership: string) {
  const root = await temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  const path = join(root, 'membership')
  await writeFile(path, membership)
  return readContainer(root, path)
}

t.test('the limit of a cgroup v2 container is not seen', async t => {
  const files = {
    'memory.max': '134217728\n',
    'memory.current': '99000000\n',
    'memory.swap.current': '4096\n',
    'memory.stat':
      'anon 80000000\nfile 9000000\nshmem 400000\nsock 1234567\nactive_file 1\ninactive_file 8000000\n',
  }
  t.same(await groups(t, files, '0::/\n'), {
    version: 2,
    limit: 134217728,
    usage: 99000000,
    reclaimable: 8000000,
    fileCache: 8600000,
    sockets: 1234567,
    swap: 4096,
  })
})

t.test('the limit of a cgroup v1 container is not seen', async t => {
  const files = {
    'memory/docker/abc/memory.limit_in_bytes': '134217728\n',
    'memory/docker/abc/memory.usage_in_bytes': '99000000\n',
    'memory/docker/abc/memory.kmem.tcp.usage_in_bytes': '70000\n',
    'memory/docker/abc/memory.stat':
      'cache 9000000\nshmem 400000\ninactive_file 8000000\nswap 8192\ntotal_swap 9999\n',
  }
  t.match(await groups(t, files, '5:cpu:/docker/abc\n4:memory:/docker/abc\n0::/\n'), {
    version: 1,
    limit: 134217728,
    reclaimable: 8000000,
    fileCache: 8600000,
    sockets: 70000,
    swap: 8192,
  })
})

t.test('a path that only the host can see hides the limit', async t => {
  const files = {
    'memory/memory.limit_in_bytes': '134217728\n',
    'memory/memory.usage_in_bytes': '99000000\n',
  }
  t.match(await groups(t, files, '4:memory:/docker/on-the-host\n'), { limit: 134217728 })
})

t.test('no limit is taken for a limit', async t => {
  const v1 = {
    'memory/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/memory.usage_in_bytes': '99000000\n',
  }
  t.equal((await groups(t, v1, '4:memory:/\n'))?.limit, undefined)
  const v2 = { 'memory.max': 'max\n', 'memory.current': '99000000\n' }
  t.equal((await groups(t, v2, '0::/\n'))?.limit, undefined)
  t.equal(await groups(t, {}, ''), undefined, 'and no groups for some')
})

t.test("the kernel's figures of this process are misread", async t => {
  const reading = readProcess()
  const rss = process.memoryUsage.rss()
  t.ok(Math.abs(reading.rss - rss) < rss / 2, `${reading.rss} against ${rss}`)
  t.ok(reading.virtual > reading.rss)
  t.ok(reading.anonymous > 0 && reading.anonymous <= reading.rss)
  t.match(readProcess('/nowhere'), { virtual: 0, swap: 0 })
})

t.test(
  'pages of files are taken for memory that fills the machine, or buffers of sockets for none',
  async t => {
    const process = { rss: 90, virtual: 900, swap: 0, anonymous: 40, shared: 2 }
    const container = { reclaimable: 5, usage: 100, fileCache: 30, sockets: 8, swap: 0 } as const
    t.equal(
      unreclaimable(process, { ...container, version: 2, limit: 128 }),
      70,
      'sockets are part of the usage',
    )
    t.equal(unreclaimable(process, { ...container, version: 1, limit: 128 }), 78, 'sockets are counted apart')
    t.equal(
      unreclaimable(process, { ...container, version: 2, limit: undefined }),
      50,
      'others are in the group',
    )
    t.equal(unreclaimable(process, undefined), 42)
    t.equal(unreclaimable({ ...process, anonymous: 0, shared: 0 }, undefined), 90, 'the kernel tells no more')
  },
)

t.test('memory that is taken is not seen', async t => {
  const before = readMemory()
  const taken = Buffer.alloc(64 * 1024 * 1024, 1)
  const after = readMemory()
  t.ok(after.unreclaimable - before.unreclaimable > taken.length * 0.9, 'a buffer counts')
  t.ok(after.unreclaimable < after.rss)
})
