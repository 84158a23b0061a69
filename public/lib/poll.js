/**
 * Calls `task` at once and then every `seconds` after its end, for as long as the page is seen and the signal stands.
 *
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} task
 */
export function poll(seconds, signal, task) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let running = false

  const run = async () => {
    clearTimeout(timer)
    if (running || document.hidden || signal.aborted) return
    running = true
    await task().catch(() => {})
    running = false
    if (!signal.aborted) timer = setTimeout(run, seconds * 1000)
  }

  document.addEventListener('visibilitychange', run, { signal })
  signal.addEventListener('abort', () => clearTimeout(timer))
  run()
}
