const waiting: (() => void)[] = []
let giving = false

/**
 * Resolves in a turn of the event loop that is this caller's alone. Long work is done in pieces, each after a turn of its own, so that
 * it holds the loop for one piece at a time however many do the same; they take turns in the order in which they ask.
 */
export function loopTurn(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve)
    if (giving) return
    giving = true
    setImmediate(give)
  })
}

function give(): void {
  waiting.shift()?.()
  giving = waiting.length > 0
  if (giving) setImmediate(give)
}
