import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { percentile } from '../../bench/load/summary.ts'
import { Child } from '../../bench/process/child.ts'
import { type Reading, readProcess } from '../../bench/process/proc.ts'
import { environment, signedIn } from '../../bench/process/server.ts'
import { SERVER } from '../../build/options.ts'
import { bundledServer } from '../support/bundled-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/**
 * What is done against memory beyond an ordinary bundle stays only as long as it gives something. Each test leaves one of
 * these measures out; docs/memory.md has what it gave when it was written.
 */
const ROOT = join(import.meta.dirname, '../..')
const STARTS = 3

/** The server as it is built and started, but for what is given. */
async function server(t: Test, { plugins = [...SERVER.plugins], start = (text: string) => text }) {
  const entry = await bundledServer(t)
  await build({ ...SERVER, plugins, entryPoints: [join(ROOT, 'server.ts')], outfile: entry })
  mkdirSync(join(dirname(entry), 'compile-cache'))
  const script = join(dirname(entry), 'start')
  writeFileSync(script, start(readFileSync(join(ROOT, 'bin/start'), 'utf8')))
  return { entry, script }
}

/** With an administrator logged in: the median of a few starts, after one that fills the compile cache and the database. */
async function idle(t: Test, { entry, script }: { entry: string; script: string }) {
  const readings: Reading[] = []
  const databasePath = join(await temporaryFolder(t), 'camgate.db')
  for (let start = 0; start <= STARTS; start++) {
    const child = new Child('sh', [script, entry], {
      ...environment('http://127.0.0.1:9'),
      DATABASE_PATH: databasePath,
    })
    const { pid, stop } = await signedIn(child, {
      databasePath,
      pid: async () => child.pid,
      stop: () => child.stop(),
    })
    if (start > 0) readings.push(readProcess(pid))
    await stop()
  }
  const median = (of: (reading: Reading) => number) => percentile(readings.map(of), 0.5)!
  return { rssMb: median(({ peakMb }) => peakMb), anonMb: median(({ anonMb }) => anonMb) }
}

t.test('packages and parts of Node must not be kept away for nothing', async t => {
  const as = await idle(t, await server(t, {}))
  const plugins = SERVER.plugins.filter(({ name }) => name === 'apart')
  const without = await idle(t, await server(t, { plugins }))
  t.comment(JSON.stringify({ as, without }))
  t.ok(without.anonMb - as.anonMb > 1.5, 'build/lean.ts gives 3 MB')
})

t.test('the compile cache must not be filled for nothing', async t => {
  const as = await idle(t, await server(t, {}))
  const start = (text: string) => text.replace(/^if \[ -d "\$cache" \].*$/m, '')
  const without = await idle(t, await server(t, { start }))
  t.comment(JSON.stringify({ as, without }))
  t.ok(without.anonMb - as.anonMb > 4, 'the cache gives 9 MB')
})
