import { onEndSignal } from '../src/end-signals.ts'
import { PRIVATE } from '../src/private-files.ts'
import { type Demo, startDemo } from './demo.ts'

/** The end takes as long as its slowest viewer; so long after it was asked for, nothing is waited for any more. */
const LAST_MS = 15_000

process.umask(PRIVATE)
const starting = startDemo(process.env)
onEndSignal(() => void end())
try {
  console.log(greeting(await starting))
} catch (error) {
  console.error(sentence(error))
  process.exitCode = 1
}

/** Also while it starts: it ends when it is up. */
async function end(): Promise<void> {
  setTimeout(() => process.exit(1), LAST_MS).unref()
  const demo = await starting.catch(() => undefined)
  if (!demo) return
  await demo.close()
  console.log('The demo has ended.')
}

function greeting({ origin, username, password }: Demo): string {
  return `
  camgate is running as a DEMO: the four cameras are generated test patterns, the events are invented,
  and everything is forgotten when it ends. Nothing here is a real picture.

    open      ${origin}
    user      ${username}
    password  ${password}

  Ctrl-C ends it.
`
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!('code' in error)) return error.stack ?? error.message
  const port = process.env.PORT || '5003'
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another one, for example: PORT=${(Number(port) % 65535) + 1} npm run demo`
  }
  if (error.code === 'EACCES') return `Port ${port} may not be used by this account. Choose one above 1023.`
  return error.message
}
