/** Waits for a condition, for as long as a busy machine may need; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<true> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 5))
  return true
}
