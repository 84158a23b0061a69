/** CPU time that this thread has used, in milliseconds: what else a busy machine does is not in it. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
