import { execFile } from 'node:child_process'
import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { sha, startClips } from '../support/clips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { curl, ffprobe } from '../support/tools.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']
const PIPED: readonly FrigateVersion[] = ['0.15', '0.16', '0.17']

for (const version of VERSIONS) {
  t.test(`${version}: a clip cannot be seeked in`, async t => {
    const { request, path, expected } = await startClips(t, { version })
    const first = await request(path)
    t.equal(first.status, 200)
    t.equal(first.headers.get('content-type'), 'video/mp4')
    t.match(first.headers.get('cache-control'), /private/)
    t.equal(sha(Buffer.from(await first.arrayBuffer())), sha(expected))

    const head = await request(path, { method: 'HEAD' })
    t.equal(head.status, 200)
    t.equal(head.headers.get('content-length'), String(expected.length))
    t.equal(head.headers.get('accept-ranges'), 'bytes')
    const etag = head.headers.get('etag')!
    t.match(etag, /^"[\w-]+"$/)

    const size = expected.length
    const ranges: readonly [string, number, number][] = [
      ['bytes=0-1', 0, 1],
      ['bytes=0-', 0, size - 1],
      ['bytes=1000-1999', 1000, 1999],
      [`bytes=${size - 1}-`, size - 1, size - 1],
      ['bytes=-500', size - 500, size - 1],
    ]
    for (const [range, from, to] of ranges) {
      const part = await request(path, { headers: { range } })
      t.equal(part.status, 206, range)
      t.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${size}`)
      t.equal(part.headers.get('content-length'), String(to - from + 1))
      t.equal(sha(Buffer.from(await part.arrayBuffer())), sha(expected.subarray(from, to + 1)))
    }
    const beyond = await request(path, { headers: { range: `bytes=${size}-` } })
    t.equal(beyond.status, 416)
    t.equal(beyond.headers.get('content-range'), `bytes */${size}`)
    const alias = await request(path.replace('/api/', '/api/frigate/'), { headers: { range: 'bytes=0-9' } })
    t.equal(alias.status, 206)
  })
}

t.test('If-Range and If-None-Match would be ignored', async t => {
  const { request, path, expected } = await startClips(t)
  const etag = (await request(path, { method: 'HEAD' })).headers.get('etag')!
  const range = 'bytes=5-9'
  t.equal((await request(path, { headers: { range, 'if-range': etag } })).status, 206)
  const changed = await request(path, { headers: { range, 'if-range': '"other"' } })
  t.equal(changed.status, 200)
  t.equal((await changed.arrayBuffer()).byteLength, expected.length)
  t.equal((await request(path, { headers: { 'if-none-match': `"x", ${etag}` } })).status, 304)
  for (const known of ['*', `W/${etag}`])
    t.equal((await request(path, { headers: { 'if-none-match': known } })).status, 304, known)
  t.equal((await request(path, { headers: { 'if-none-match': '"x"' } })).status, 200)
})

/** Beside this process, which serves what is asked for. */
const run = async (program: string, ...args: string[]) => (await promisify(execFile)(program, args)).stdout

for (const version of PIPED) {
  t.test(`${version}: ffprobe reads the clip by ranges`, async t => {
    const { url, request, path } = await startClips(t, { version })
    await request(path, { method: 'HEAD' })
    const quiet = ['-v', 'error']
    const probe = JSON.parse(
      await run(ffprobe(), ...quiet, '-of', 'json', '-show_format', '-show_streams', url),
    ) as { format: { duration: string }; streams: { codec_name: string }[] }
    t.ok(Math.abs(Number(probe.format.duration) - 10) < 0.5)
    t.same(
      probe.streams.map(({ codec_name }) => codec_name),
      ['h264', 'aac'],
    )
    const only = ['-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
    const packet = await run(ffprobe(), ...quiet, ...only, '-read_intervals', '8%+#1', url)
    t.ok(Number.parseFloat(packet) >= 7, 'seeks to the eighth second')
  })
}

t.test('curl would resume a clip into another file', async t => {
  const { url, expected } = await startClips(t)
  const file = join(await temporaryFolder(t), 'clip.mp4')
  await run(curl(), '-sS', '-f', '-o', file, url)
  t.equal(sha(readFileSync(file)), sha(expected))
  for (const kept of [0, 1, 1000, expected.length - 1]) {
    truncateSync(file, kept)
    await run(curl(), '-sS', '-f', '-o', file, '-C', '-', url)
    t.equal(sha(readFileSync(file)), sha(expected), `from ${kept}`)
  }
})
