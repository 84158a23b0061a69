import { CONTAINER_MB } from '../process/proc.ts'
import { SPARE_FILES } from './memory-report.ts'
import type { SoakReport } from './run.ts'

export interface Limits {
  /** Megabytes for each 10,000 operations. */
  readonly slopeMb: number
}

const WAL_BYTES = 8 * 1024 * 1024

/** A sentence for each thing that is not as it should be. */
export function complaints(report: SoakReport, { slopeMb }: Limits): string[] {
  const { slopeMb: slope, unreleased, requests, files, walBytes, budgetMb, containerMb, routes } = report
  const found: string[] = []
  if (slope > slopeMb)
    found.push(`unreclaimable memory grows by ${slope.toFixed(2)} MB for each 10,000 operations`)
  for (const [kind, open] of Object.entries(unreleased)) found.push(`not released: ${open} ${kind}`)
  if (containerMb !== undefined && containerMb > CONTAINER_MB)
    found.push(`the container went up to ${containerMb.toFixed(1)} MB`)
  if (budgetMb.peak > budgetMb.limit) found.push(`media went up to ${budgetMb.peak.toFixed(2)} MB`)
  if (requests.faults > 0) found.push(`${requests.faults} requests were answered 500`)
  const asked = Object.keys(requests.byRoute).length
  if (asked < routes) found.push(`only ${asked} of ${routes} routes were asked`)
  if (files.end > files.start + SPARE_FILES)
    found.push(`${files.end} files and sockets are open, ${files.start} were at the start`)
  if (walBytes > WAL_BYTES) found.push(`the write-ahead log has ${walBytes} bytes`)
  return found
}

/** For people. */
export function table(report: SoakReport): Record<string, string | number> {
  const { requests, streams, troubles, unreclaimableMb, rssMb, files, watchdog, containerMb, budgetMb } =
    report
  return {
    requests: requests.requests,
    'by status': counts(requests.byStatus),
    'routes asked': Object.keys(requests.byRoute).length,
    'streams opened': Object.values(streams).reduce((sum, count) => sum + count, 0),
    'by way': counts(streams),
    troubles: Object.values(troubles).reduce((sum, count) => sum + count, 0),
    'unreclaimable after warm-up, MB': unreclaimableMb.warm.toFixed(1),
    'unreclaimable peak, MB': unreclaimableMb.peak.toFixed(1),
    'unreclaimable final, MB': unreclaimableMb.final.toFixed(1),
    'RSS after warm-up, MB': rssMb.warm.toFixed(1),
    'RSS peak, MB': rssMb.peak.toFixed(1),
    'RSS final, MB': rssMb.final.toFixed(1),
    'container peak, MB': containerMb?.toFixed(1) ?? 'none',
    'slope, MB per 10,000 operations': report.slopeMb.toFixed(3),
    'heap after GC, MB': report.heapMb,
    'media peak and limit, MB': `${budgetMb.peak.toFixed(1)}, ${budgetMb.limit}`,
    'not released': counts(report.unreleased) || 'nothing',
    'files and sockets, start and end': `${files.start}, ${files.end}`,
    'write-ahead log, bytes': report.walBytes,
    'watchdog actions': counts(watchdog.counts),
  }
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
