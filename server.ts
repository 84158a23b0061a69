import { buildApp } from './app.ts'
import { readConfig } from './src/config/config.ts'
import { onEndSignal } from './src/end-signals.ts'
import { CodedError } from './src/errors.ts'
import { listenSentence } from './src/listen-error.ts'
import { createLogger } from './src/logger.ts'
import { PRIVATE } from './src/private-files.ts'

/** EX_TEMPFAIL of sysexits.h: start me again. */
const RESTART = 75
/** When everything is closed the process ends by itself; what still keeps it has so long. */
const LAST_MS = 2000
/** What has not closed so long after short requests had their time never will. */
const STUCK_MS = 4000

/** Serves until a signal comes. Whatever keeps it from starting is told in one line where a person can mend it. */
async function serve(): Promise<void> {
  process.umask(PRIVATE)
  const config = readConfig(process.env)
  const { host, port, logLevel, shutdownMs } = config.server
  const logger = createLogger(logLevel)
  for (const warning of config.warnings) logger.warn(warning)

  const app = buildApp(config, { logger, restart: () => stop(RESTART) })
  let stopping = false
  function stop(exitCode: number): void {
    process.exitCode = exitCode
    if (stopping) return
    stopping = true
    setTimeout(() => {
      logger.error('the end is taking too long and is cut short')
      process.exit()
    }, shutdownMs + STUCK_MS).unref()
    app.close().then(
      () => setTimeout(() => process.exit(), LAST_MS).unref(),
      error => {
        logger.error(error, 'the end was not in order')
        process.exit(1)
      },
    )
  }
  onEndSignal(() => stop(0))
  // `bin/trim`: whoever has a shell here needs no login.
  process.on('SIGUSR2', () => {
    app
      .ready()
      .then(() => app.memory.trim.run())
      .then(
        result => logger.info(result, 'memory trimmed on request'),
        error => logger.error(error, 'memory was not trimmed'),
      )
  })
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close().catch(() => {})
    if (stopping) return
    throw error
  }
}

/** What a person can mend, in one line: a setting, a file, an address that is taken. Anything else is a fault and shows its stack. */
function explain(error: unknown): unknown {
  const forPeople = error instanceof CodedError || (error instanceof Error && 'syscall' in error)
  return forPeople ? `camgate cannot start: ${listenSentence(error) ?? error.message}` : error
}

serve().catch(error => {
  console.error(explain(error))
  process.exit(1)
})
