import type { Test } from 'tap'
import type { ByteBudget } from '../../src/live/memory/budget.ts'

/** Has a test fail in which a budget is exceeded by as much as a byte, whenever that was, or given back too much. */
export function watchBudget(t: Test, budget: ByteBudget): void {
  const takeFrom = budget.take.bind(budget)
  const giveTo = budget.give.bind(budget)
  let worst = ''
  const check = () => {
    if (budget.used > budget.limit || budget.used < 0) worst ||= `${budget.used} of ${budget.limit} bytes`
  }
  budget.take = bytes => {
    takeFrom(bytes)
    check()
  }
  const takeFreeFrom = budget.takeFree.bind(budget)
  budget.takeFree = bytes => {
    const taken = takeFreeFrom(bytes)
    check()
    return taken
  }
  budget.give = bytes => {
    giveTo(bytes)
    check()
  }
  t.teardown(() => {
    if (worst) throw new Error(`the budget was not kept: ${worst}`)
  })
}
