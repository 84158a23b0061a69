import { type Demo, startDemo } from './demo.ts'

try {
  const demo = await startDemo(process.env)
  console.log(greeting(demo))
  endWithSignal(demo)
} catch (error) {
  console.error(sentence(error))
  process.exitCode = 1
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

/** The first signal ends everything in order, a second one at once. */
function endWithSignal(demo: Demo): void {
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1)
      ending = true
      demo.close().then(() => console.log('The demo has ended.'))
    })
  }
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
