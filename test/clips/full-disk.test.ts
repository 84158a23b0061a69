import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ClipFiles } from '../../src/clips/clip-files.ts'
import { Clips } from '../../src/clips/clips.ts'
import type { MediaReply } from '../../src/upstream/media.ts'
import { makeMedia } from '../support/frigate-media.ts'
import { asPlain } from '../support/plain-mp4.ts'
import { BytesBody, readAll } from '../support/pulled-body.ts'

const folder = mkdtempSync(join(tmpdir(), 'camgate-full-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const clip = readFileSync(makeMedia(folder, []).fragmented)

/** The disk takes so many bytes, and half of the write that does not fit. */
async function fullDisk(room: number): Promise<ClipFiles> {
  const files = await ClipFiles.open(join(folder, `cache-${room}`), 64 * 1024 * 1024)
  const create = files.create.bind(files)
  files.create = async id => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const { file, handle } = await create(id)
    const write = handle.write.bind(handle)
    let left = room
    Object.defineProperty(handle, 'write', {
      value: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
        if (left === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        const fitting = Math.min(length, left)
        left -= fitting
        return write(bytes, offset, fitting, position)
      },
    })
    return { file, handle }
  }
  return files
}

for (const room of [0, 1, 100_000, clip.length - 10_000])
  t.test(`a disk with room for ${room} bytes: a clip would fail, or leave something there`, async t => {
    const files = await fullDisk(room)
    const clips = new Clips({
      files,
      upstream: {
        takesRanges: async () => false,
        isFinal: async () => true,
        forward: () => ({ type: 'video/mp4', path: '/', explain: error => error }),
        open: async () => ({ body: new BytesBody(clip), length: undefined }),
      },
    })
    const signal = new AbortController().signal
    const replies = await Promise.all(
      [1, 2, 3].map(() =>
        clips.get(
          { id: 'full', camera: 'Door', startTime: 1, endTime: 2 },
          { user: 1, token: 'phone' },
          { method: 'GET', signal },
        ),
      ),
    )
    const read = await Promise.all(
      replies.map(async reply => {
        const { body } = reply as MediaReply
        const bytes = await readAll(body!)
        body!.close()
        return bytes
      }),
    )
    for (const body of read) t.ok(body.equals(asPlain(clip)), 'all of it for each')
    while (clips.running > 0 || clips.openFiles > 0) await new Promise(resolve => setTimeout(resolve, 5))
    t.same(readdirSync(join(folder, `cache-${room}`)), [])
    t.equal(files.bytes, 0)
  })
