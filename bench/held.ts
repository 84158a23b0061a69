import { parseArgs } from 'node:util'
import { runStandIn } from './cameras/stand-in.ts'
import { complaints, hold } from './held/hold.ts'
import { CAMERAS, SCENARIOS } from './held/scenarios.ts'
import { runImage } from './process/image.ts'
import { runServer } from './process/server.ts'

/**
 * What is promised of memory with a house full of viewers, each scenario on a server of its own:
 *
 *     npm run bench:held -- --seconds 300 house wall
 *
 * With `--image camgate` the server is that image under its memory limit: see `bench/in-image.sh`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How long each is held once everybody has a picture. */
    seconds: { type: 'string', default: '300' },
    image: { type: 'string' },
  },
})
/** The watchdog acts as it would in the container, also where nothing limits this process. */
const ENV = { MEMORY_LIMIT_MB: '128' }

const chosen = positionals.length > 0 ? positionals : Object.keys(SCENARIOS)
for (const name of chosen)
  if (!(name in SCENARIOS)) throw new Error(`${name}: there are ${Object.keys(SCENARIOS).join(', ')}`)

const standIn = await runStandIn(CAMERAS)
try {
  for (const name of chosen) {
    const scenario = SCENARIOS[name]!
    const server = values.image
      ? await runImage(values.image, standIn.origin, ENV)
      : await runServer(standIn.origin, ENV)
    try {
      const held = await hold(server, scenario, Number(values.seconds))
      console.log(
        `\n${scenario.title} (unreclaimable at most ${scenario.unreclaimableMb} MB, RSS ${scenario.rssMb}), ${values.seconds} s`,
      )
      for (const [figure, value] of Object.entries(held)) console.log(`  ${figure}: ${JSON.stringify(value)}`)
      for (const complaint of complaints(held, scenario)) {
        console.log(`  NOT KEPT: ${complaint}`)
        process.exitCode = 1
      }
    } finally {
      await server.stop()
    }
  }
} finally {
  await standIn.stop()
}
