import t from 'tap'
import { Child } from '../../bench/process/child.ts'
import { bytesRead } from '../../bench/process/proc.ts'
import { dropFromCache, ownNode } from '../../bench/process/program.ts'

const MIB = 1024 * 1024

t.test('a start that is called cold would have its program in the page cache', async t => {
  const node = await ownNode()
  t.teardown(() => node.stop())
  const readAtStart = async () => {
    const child = new Child(node.path, ['-e', "console.log('started'); setInterval(() => {}, 1e6)"])
    await child.line(/^started$/)
    const bytes = bytesRead(child.pid)
    await child.stop()
    return bytes
  }
  dropFromCache([node.path])
  t.ok((await readAtStart()) > 10 * MIB, 'cold')
  t.ok((await readAtStart()) < 10 * MIB, 'warm: the start before has read it')
})
