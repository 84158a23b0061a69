import t from 'tap'
import { startApp } from '../support/app.ts'

const MIB = 1024 * 1024
const load = (unreclaimable: number, swap = 0) => ({
  unreclaimable: unreclaimable * MIB,
  rss: unreclaimable * MIB,
  swap: swap * MIB,
})

/** The stage that the watchdog of a server is in after one look. */
async function stageOf(
  t: Parameters<typeof startApp>[0],
  env: Record<string, string>,
  seen: ReturnType<typeof load>,
) {
  const { app } = await startApp(t, { MEMORY_SAMPLE_SECONDS: '3600', ...env })
  await app.watchdog.look(seen)
  return app.watchdog.stage
}

t.test('MEMORY_LIMIT_MB must not be without effect', async t => {
  t.equal(await stageOf(t, { MEMORY_LIMIT_MB: '1000' }, load(90)), 'normal')
  t.equal(await stageOf(t, { MEMORY_LIMIT_MB: '115' }, load(90)), 'trim')
  t.equal(await stageOf(t, { MEMORY_LIMIT_MB: '105' }, load(90)), 'shed')
  t.equal(await stageOf(t, { MEMORY_LIMIT_MB: '90' }, load(90)), 'restart')
})

t.test('MEMORY_TRIM_MB, MEMORY_SHED_MB and MEMORY_RESTART_MB must not be without effect', async t => {
  const env = { MEMORY_TRIM_MB: '80', MEMORY_SHED_MB: '90', MEMORY_RESTART_MB: '100' }
  for (const [unreclaimable, stage] of [
    [79, 'normal'],
    [81, 'trim'],
    [91, 'shed'],
    [101, 'restart'],
  ] as const)
    t.equal(await stageOf(t, env, load(unreclaimable)), stage)
})

t.test('SWAP_TRIM_MB and SWAP_RESTART_MB must not be without effect', async t => {
  const env = { SWAP_TRIM_MB: '5', SWAP_RESTART_MB: '9', MEMORY_LIMIT_MB: '1000' }
  t.equal(await stageOf(t, env, load(50, 4)), 'normal')
  t.equal(await stageOf(t, env, load(50, 6)), 'trim')
  t.equal(await stageOf(t, env, load(50, 10)), 'restart')
  t.equal(await stageOf(t, { MEMORY_LIMIT_MB: '1000' }, load(50, 10)), 'normal', 'by default')
})
