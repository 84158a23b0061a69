import { join } from 'node:path'
import t from 'tap'
import { ClipFiles } from '../../src/clips/clip-files.ts'
import { Download } from '../../src/clips/download.ts'
import { Turns } from '../../src/clips/turns.ts'
import { Pages } from '../../src/upstream/pages.ts'
import { BytesBody } from '../support/pulled-body.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

t.test('MEDIA_BUSY: a clip for which there is no memory would leave its request or file open', async t => {
  const files = await ClipFiles.open(join(await temporaryFolder(t), 'clips'), 1_000_000)
  const pages = new Pages()
  const taken = Array.from({ length: 128 }, () => pages.take())
  const body = new BytesBody(Buffer.alloc(1000))
  const download = new Download(files, {
    id: '1.1-a',
    keepMs: undefined,
    open: async () => ({ body, length: undefined }),
    turns: new Turns(1),
    pages,
  })
  const leave = download.join()
  void download.run()
  await t.rejects(download.outcome, { code: 'MEDIA_BUSY' })
  leave()
  t.ok(body.closed)
  for (const page of taken) pages.give(page)
  while (files.inUse > 0) await new Promise(resolve => setImmediate(resolve))
  t.equal(files.bytes, 0)
})
