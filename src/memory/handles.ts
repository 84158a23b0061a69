import { readdirSync } from 'node:fs'

/** What keeps the event loop alive, by the kind that Node gives it. */
export function countHandles(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Open file descriptors: files, sockets, pipes. `undefined` where the system does not tell. */
export function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}
