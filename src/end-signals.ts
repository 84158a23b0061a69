const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls `end` at the first signal that asks the process to end. Further signals change nothing: npm sends its child another
 * SIGINT for each Ctrl-C, and people press it again. `end` must have a deadline of its own.
 */
export function onEndSignal(end: () => void): void {
  let asked = false
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (asked) return
      asked = true
      end()
    })
}
