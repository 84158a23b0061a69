/** Runs `run` every so many milliseconds until the returned function is called. It keeps no process up. */
export type Every = (ms: number, run: () => void) => () => void

/** Counted by nobody. */
export const every: Every = (ms, run) => {
  const timer = setInterval(run, ms).unref()
  return () => clearInterval(timer)
}
