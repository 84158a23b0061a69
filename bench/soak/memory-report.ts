import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../process/server.ts'

/** What an administrator is told by `GET /api/debug/memory`, as far as it is looked at here. */
export interface MemoryReport {
  readonly memory: { readonly unreclaimable_mb: number; readonly rss_mb: number }
  readonly heap: { readonly used_mb: number }
  readonly open_files: number
  readonly budget: { readonly limit_bytes: number; readonly peak_bytes: number }
  readonly ledger: Readonly<Record<string, { readonly open: number }>>
  readonly watchdog: { readonly stage: string; readonly counts: Readonly<Record<string, number>> }
}

/** SQLite keeps the descriptors of connections that are closed, to use them again: POSIX locks forbid it to close them. */
export const SPARE_FILES = 4

export function look(server: RunningServer): Promise<MemoryReport> {
  return server.get<MemoryReport>('/api/debug/memory')
}

/** Cleans up until all is released and not many more than `files` are open, or for so long. */
export async function rest(server: RunningServer, files: number, seconds: number): Promise<MemoryReport> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    await cleanUp(server)
    const report = await look(server)
    const done = Object.keys(unreleased(report)).length === 0 && report.open_files <= files + SPARE_FILES
    if (done || performance.now() > deadline) return report
    await sleep(500)
  }
}

export async function cleanUp({ origin, token }: RunningServer): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  await (await fetch(`${origin}/api/debug/memory/cleanup`, { method: 'POST', headers })).arrayBuffer()
}

/** Kinds of which something is open. */
export function unreleased({ ledger }: MemoryReport): Record<string, number> {
  return Object.fromEntries(
    Object.entries(ledger)
      .filter(([, { open }]) => open !== 0)
      .map(([kind, { open }]) => [kind, open]),
  )
}
