import type { Test } from 'tap'

/** The wall clock of this process, set as an administrator or NTP may set it; right again after the test. */
export function setClock(t: Test) {
  const right = Date.now
  let offset = 0
  Date.now = () => right() + offset
  t.teardown(() => {
    Date.now = right
  })
  return {
    /** So many milliseconds ahead of the right time, or behind it. */
    ahead(ms: number): void {
      offset = ms
    },
  }
}
