import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { serve } from '../support/serve.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const LONG_RUNNING = new URL('../support/long-running.ts', import.meta.url)

/** A server that is far above its limits from the start. */
async function short(t: Test, env: Record<string, string>, imported?: URL) {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const limits = {
    MEMORY_TRIM_MB: '1',
    MEMORY_SHED_MB: '2',
    MEMORY_RESTART_MB: '3',
    MEMORY_SAMPLE_SECONDS: '1',
  }
  const served = await serve(
    t,
    { DATABASE_PATH: path, FRIGATE_HOST: 'none', ...limits, ...env },
    { imported },
  )
  return { ...served, path }
}

t.test('a supervised server that is out of memory stays, or ends as if somebody had stopped it', async t => {
  const { child, output, path } = await short(t, { SUPERVISED: '1' }, LONG_RUNNING)
  const [code, signal] = await once(child, 'exit')
  t.same([code, signal], [75, null])
  t.match(output(), '"msg":"memory: restarting"')
  t.notOk(existsSync(`${path}-wal`), 'in order: everything is in the one file')
})

t.test('a server ends itself although nobody would start it again', async t => {
  const { child, output, origin } = await short(t, {}, LONG_RUNNING)
  await until(() => output().includes('a restart would help, but nothing would start this process again'))
  t.equal((await fetch(`${origin}/health`)).status, 200)
  t.equal(child.exitCode, null)
})

t.test('a server that has just started is started again and again', async t => {
  const { child, output, origin } = await short(t, { SUPERVISED: '1' })
  await until(() => output().includes('a restart would help, but it started less than 15 minutes ago'))
  t.equal((await fetch(`${origin}/health`)).status, 200)
  t.equal(child.exitCode, null)
})
