/** What a timer runs. A promise that rejects is a failure like a throw. */
export type Task = () => unknown

/** Runs `task` every so many milliseconds until the returned function is called. It keeps no process up. */
export type Every = (ms: number, task: Task) => () => void

/**
 * Counted by nobody. A task that fails is told of and runs again the next time. A round that is still under way keeps the
 * next one from beginning.
 */
export function every(ms: number, task: Task, failed: (error: unknown) => void = warn): () => void {
  let running = false
  const round = async () => {
    if (running) return
    running = true
    await attempt(task, failed)
    running = false
  }
  const timer = setInterval(round, ms).unref()
  return () => clearInterval(timer)
}

/** Runs `task` once, after so many milliseconds, unless the timer is cleared. It keeps no process up, and a failure ends none. */
export function later(ms: number, task: Task): NodeJS.Timeout {
  return setTimeout(() => void attempt(task, warn), ms).unref()
}

async function attempt(task: Task, failed: (error: unknown) => void): Promise<void> {
  try {
    await task()
  } catch (error) {
    failed(error)
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
