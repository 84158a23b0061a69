/** A busy machine may need as long. */
const DEADLINE_MS = 90_000

/** Waits for a condition. Rejects after `deadlineMs`, and says what it waited for. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited ${deadlineMs / 1000} s for ${String(condition).replace(/^\(\) => /, '')}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
