import { FIELDS } from './fields.ts'
import type { Columns } from './history.ts'

/** RFC 4180, one line for each time, in UTC. */
export function toCsv({ time, series }: Columns): string {
  const header = ['time', ...FIELDS.flatMap(field => [`${field}_min`, `${field}_mean`, `${field}_max`])]
  const lines = time.map((at, i) =>
    [
      new Date(at * 1000).toISOString(),
      ...FIELDS.flatMap(field => [series[field].min[i], series[field].mean[i], series[field].max[i]]),
    ].join(','),
  )
  return [header.join(','), ...lines, ''].join('\r\n')
}
