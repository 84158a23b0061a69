import { cpuMs } from './cpu-time.ts'

/**
 * Imported into a server before it starts: tells on stderr, again and again, how much CPU time one turn of its event loop has used at
 * most since it told last. CPU time of the thread, so that what else the machine does counts for nothing. First it tells how long this
 * machine takes for a known piece of work.
 */
const EVERY_MS = 100

/** Lines are `loop-watch {"longest": ms}` and once `loop-watch {"unit": ms}`. */
const tell = (what: Readonly<Record<string, number>>) =>
  process.stderr.write(`loop-watch ${JSON.stringify(what)}\n`)

const text = JSON.stringify(
  Array.from({ length: 100_000 }, (_, i) => ({ id: `${i}.5-abc`, at: [i / 3, 0.5], label: 'person' })),
)
const unit = Math.min(
  ...Array.from({ length: 5 }, () => {
    const before = cpuMs()
    JSON.stringify(JSON.parse(text))
    return cpuMs() - before
  }),
)
tell({ unit })

let longest = 0
let before = cpuMs()
function look() {
  const now = cpuMs()
  longest = Math.max(longest, now - before)
  before = now
  setImmediate(look).unref()
}
setImmediate(look).unref()
setInterval(() => {
  tell({ longest })
  longest = 0
}, EVERY_MS).unref()
