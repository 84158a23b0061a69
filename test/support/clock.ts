import type { Test } from 'tap'

/** The wall clock of this process, set as an administrator or NTP may set it; right again after the test. */
export function setClock(t: Test) {
  const right = Date.now
  let time = right
  let offset = 0
  Date.now = () => time() + offset
  t.teardown(() => {
    Date.now = right
  })
  return {
    /** So many milliseconds ahead of the right time, or behind it. */
    ahead(ms: number): void {
      offset = ms
    },
    /** It goes on only where the test moves it. */
    stop(): void {
      const now = right()
      time = () => now
    },
  }
}
