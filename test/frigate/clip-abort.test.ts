import { join } from 'node:path'
import t from 'tap'
import { ClipFiles } from '../../src/clips/clip-files.ts'
import { Clips } from '../../src/clips/clips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

t.test('a client that is gone before its clip is asked for ends the process', async t => {
  const files = await ClipFiles.open(join(await temporaryFolder(t), 'clips'), 1024)
  const clips = new Clips({
    files,
    upstream: {
      takesRanges: async () => false,
      isFinal: async () => true,
      forward: () => ({ type: 'video/mp4', path: '/', explain: error => error }),
      open: (_id, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  })
  for (const method of ['HEAD', 'GET'] as const)
    await t.rejects(
      clips.get(
        { id: '1', camera: 'Door', startTime: 1, endTime: 2 },
        { user: 1, token: 'phone' },
        { method, signal: AbortSignal.abort() },
      ),
      { name: 'AbortError' },
      method,
    )
  await new Promise(resolve => setImmediate(resolve))
  t.equal(clips.running, 0)
})
