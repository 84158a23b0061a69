import { execFileSync } from 'node:child_process'
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import { temporaryFolder } from './temporary-folder.ts'
import { faketime } from './tools.ts'

/**
 * The clock of a built server, which changes while the server runs: `set` is the wall clock alone, as an administrator or NTP sets it;
 * `passing` is time itself, timers and all, which can only go on.
 *
 * libfaketime is loaded by a `node` that comes first on the `PATH` in `env`. `bin/start` may have chosen jemalloc by then; it gives
 * way, as the two wait for each other when a process starts.
 */
export async function fakeClock(t: Test, kind: 'set' | 'passing') {
  const folder = await temporaryFolder(t)
  const [spec, next] = [join(folder, 'clock'), join(folder, 'next')]
  /** Renamed, as a clock that reads half a file is right for a moment. */
  const write = async (text: string) => {
    await writeFile(next, text)
    await rename(next, spec)
  }
  const ahead = (ms: number) => write(`${ms < 0 ? '-' : '+'}${Math.abs(ms / 1000)}`)
  await ahead(0)
  const [node, pids] = [join(folder, 'node'), join(folder, 'pids')]
  const preload = `LD_PRELOAD='${library()}' exec '${process.execPath}' "$@"`
  await writeFile(node, `#!/bin/sh\necho $$ >>'${pids}'\n${preload}\n`)
  await chmod(node, 0o755)
  t.teardown(() => removeShared(pids))
  return {
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      TZ: 'UTC',
      FAKETIME_TIMESTAMP_FILE: spec,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: kind === 'set' ? '1' : '0',
      NO_FAKE_STAT: '1',
    },
    /** So many milliseconds before the right time, or behind it. */
    ahead,
    /** A second since the epoch at which it stands. */
    stopAt: (seconds: number) => write(new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 19)),
  }
}

/** What libfaketime shares with child processes stays behind when its process is killed. */
async function removeShared(pids: string): Promise<void> {
  const killed = (await readFile(pids, 'utf8').catch(() => '')).match(/\d+/g) ?? []
  const names = killed.flatMap(pid => [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
  await Promise.all(names.map(name => rm(join('/dev/shm', name), { force: true })))
}

/** As `faketime` itself preloads it; its other variant is for programs of one thread. */
function library(): string {
  return execFileSync(faketime(), ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
}
