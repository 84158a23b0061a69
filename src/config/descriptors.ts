import { readFileSync } from 'node:fs'
import { badSetting } from './setting.ts'

/** Each takes 14 kB, so that these take a quarter of a container of 128 MB. */
const MOST_CONNECTIONS = 2048
/** Where nothing says how many files may be open: what POSIX systems give by default. */
const UNKNOWN = 1024
const NAME = 'Max open files '

/** How many files and sockets this process may have open (RLIMIT_NOFILE); Node raises it to what is allowed at most. */
export function descriptorLimit(path = '/proc/self/limits'): number {
  let limits: string
  try {
    limits = readFileSync(path, 'utf8')
  } catch {
    return UNKNOWN
  }
  const line = limits.split('\n').find(line => line.startsWith(NAME))
  if (line === undefined) return UNKNOWN
  const soft = line.slice(NAME.length).trim()
  return soft.startsWith('unlimited') ? Number.POSITIVE_INFINITY : Number.parseInt(soft, 10)
}

/**
 * How descriptors are divided: half of them are for connections, a quarter for the files and upstream connections of requests, and what is left
 * for the database, cameras and whatever the process itself opens. Throws `BAD_SETTING` where more was set than leaves a quarter.
 */
export function divideDescriptors(
  settings: { readonly maxConnections: number | undefined; readonly maxRequests: number },
  descriptors: number,
): { readonly connections: number; readonly requests: number } {
  const { maxConnections, maxRequests } = settings
  const most = Math.floor((descriptors * 3) / 4)
  if (maxConnections !== undefined && maxConnections > most)
    throw badSetting(
      'MAX_CONNECTIONS',
      String(maxConnections),
      `at most ${most}, as the process may open ${descriptors} files and sockets (ulimit -n)`,
    )
  return {
    connections: maxConnections ?? Math.min(MOST_CONNECTIONS, Math.floor(descriptors / 2)),
    requests: Math.min(maxRequests, Math.max(1, Math.floor(descriptors / 4))),
  }
}
